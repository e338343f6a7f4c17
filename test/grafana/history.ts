import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LabelBlocks, renderFleet } from '../../src/exposition/fleet.ts';
import { label } from '../../src/exposition/text.ts';
import { States } from '../../src/probe/state.ts';
import { foreignAt } from './history-foreign.ts';
import { END, GAP, HOURS, SCRAPERS, type Scraper, STEP, WATCHED, type Watched } from './history-model.ts';
import { OwnHistory } from './history-own.ts';
import { configured, Dice, probed } from './history-probes.ts';

/** What one of Prometheus' blocks holds. */
const BLOCK = 7200;

/** A target as it is watched from one exporter. */
type One = {
  readonly watched: Watched;
  readonly target: ReturnType<typeof configured>;
  readonly dice: Dice;
};

/** One exporter with its memory, rendering what the real one would have said at each moment. */
class Scraped {
  readonly #scraper: Scraper;
  readonly #own: OwnHistory;
  readonly #states = new States();
  readonly #blocks = new LabelBlocks();
  readonly #dice: Dice;
  readonly #watched: readonly One[];
  readonly #who: string;

  constructor(scraper: Scraper) {
    this.#scraper = scraper;
    this.#own = new OwnHistory(scraper);
    this.#who = Object.entries(scraper.labels)
      .map(([name, value]) => label(name, value))
      .join(',');
    this.#dice = new Dice(this.#who);
    this.#watched = WATCHED.filter(scraper.watches).map((watched) => ({
      watched,
      target: configured(watched),
      dice: new Dice(`${this.#who} ${watched.address}`),
    }));
  }

  /** The samples of one scrape, every line with its time. */
  async at(time: number): Promise<string> {
    const ago = END - time;
    const { dead = -1, single = false } = this.#scraper;
    const missed = ago <= dead || (this.#scraper === SCRAPERS[0] && ago <= GAP.from && ago > GAP.to);
    const known = this.#watched.filter(({ watched: { removed = -1 } }) => ago > removed);
    const there = known.filter(({ watched: { unscraped = -1 } }) => ago > unscraped);
    const results = there.map(({ watched, dice }) => probed(watched, time, this.#scraper, dice));
    const states = there.map(({ target }, i) => this.#states.record(target, results[i] as never, time * 1000));
    const own = await this.#own.at(time, results);
    if (missed) return `up{${this.#who}} 0 ${time}\n`;
    let text = `up{${this.#who}} 1\nscrape_duration_seconds{${this.#who}} ${0.05 + this.#dice.next() / 100}\n`;
    if (single)
      for (const one of known)
        text += `up{${this.#who},${this.#blocks.of(one.target)}} ${there.includes(one) ? 1 : 0}\n`;
    const views = {
      size: there.length,
      labels: (i: number) => `${this.#who},${this.#labels(i, there)}`,
      view: (i: number) => ({
        result: results[i] as never,
        ...(this.#scraper.blackbox && there[i]?.target.layers === undefined
          ? {}
          : { configured: { target: there[i]?.target as never, state: states[i] as never } }),
      }),
    };
    for (const piece of renderFleet(views, 'openmetrics')) text += piece;
    return stamped(text + own, time);
  }

  /** In the manner of blackbox_exporter, relabelling sets the address and the name. */
  #labels(i: number, there: readonly One[]): string {
    const target = there[i]?.target;
    if (target === undefined) return '';
    const { address, name } = target;
    return this.#scraper.blackbox ? `${label('target', address)},${label('name', name)}` : this.#blocks.of(target);
  }
}

/** Every sample with its time, headings left out. */
function stamped(text: string, time: number): string {
  return text.replace(/^#.*\n/gm, '').replace(/\n/g, ` ${time}\n`);
}

/** Alerts as Prometheus would have recorded them. */
function alertsAt(time: number): string {
  const ago = END - time;
  const of = (name: string) => WATCHED.find((watched) => watched.name === name);
  const lines: string[] = [];
  const firing = (alertname: string, watched: Watched | undefined, severity: string) => {
    if (watched === undefined) return;
    const { address, name, service, group } = watched;
    const all = {
      alertname,
      alertstate: 'firing',
      job: 'port_exporter',
      target: address,
      name,
      service,
      group,
      severity,
    };
    const block = Object.entries(all).map(([key, value]) => label(key, value));
    lines.push(`ALERTS{${block.join(',')}} 1`);
  };
  if (ago < 23 * 60) firing('PortDown', of('orders-db replica'), 'critical');
  if (ago < 23 * 60) firing('PortCauseKnown', of('shop & checkout'), 'none');
  if (ago < 5 * 3600) firing('PortFlapping', of('imap'), 'warning');
  firing('PortCertificateExpired', of('old shop'), 'critical');
  return stamped(lines.map((line) => `${line}\n`).join(''), time);
}

/** Writes the history, one file for each of Prometheus' blocks: promtool reads a file once for each block that it touches. */
export async function writeHistory(directory: string, wanted: (metric: string) => boolean): Promise<string[]> {
  const scraped = SCRAPERS.map((scraper) => new Scraped(scraper));
  const files = new Map<number, number>();
  const names: string[] = [];
  for (let time = END - HOURS * 3600; time <= END; time += STEP) {
    const block = Math.floor(time / BLOCK);
    if (!files.has(block)) {
      names.push(join(directory, `history-${block}.om`));
      files.set(block, openSync(names.at(-1) ?? '', 'w'));
    }
    let text = alertsAt(time) + stamped(foreignAt(time), time);
    for (const one of scraped) text += await one.at(time);
    writeSync(files.get(block) ?? -1, only(text, wanted));
  }
  for (const file of files.values()) {
    writeSync(file, '# EOF\n');
    closeSync(file);
  }
  return names;
}

function only(text: string, wanted: (metric: string) => boolean): string {
  return text
    .split('\n')
    .filter((line) => line === '' || wanted(/^\w+/.exec(line)?.[0] ?? ''))
    .join('\n');
}
