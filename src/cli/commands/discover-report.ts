import { formatEndpoint } from '../../core/endpoint.ts';
import { Pace } from '../../net/pace.ts';
import { type Findings, lookAround, resolvedBy } from '../../probe/look-around.ts';
import type { Target } from '../../probe/spec.ts';
import { EXIT_FAILED, EXIT_USAGE } from '../command.ts';
import { CHECK_FLAGS } from '../flags.ts';
import { type Found, fieldsOf, identifyAll } from '../found.ts';
import { loadOnce } from '../load-once.ts';
import type { Streams } from '../streams.ts';
import { pad, visible, widthOf } from '../text.ts';
import { createWorld } from '../world.ts';

/** What looking around and asking for names may take, ms. */
const LOOK_MS = 10_000;
const DEFAULT_FILE = CHECK_FLAGS['config.file'].defaultText ?? '';

const UNKNOWN = `what listens here could not be found out within ${LOOK_MS / 1000} s, or this system does not say so (no /proc/net/tcp)`;

type Options = {
  readonly file: string | undefined;
  readonly json: boolean;
  /** Compares; the real machine unless a test says otherwise. */
  readonly look?: (targets: readonly Target[]) => Promise<Findings | undefined>;
};

/** Compares what listens on this machine with a configuration. */
export async function discoverReport({ file = DEFAULT_FILE, json, look = lookHere }: Options, streams: Streams) {
  const { config, problems } = await loadOnce(file);
  if (config === undefined) {
    for (const problem of problems) streams.stderr.write(`${visible(problem)}\n`);
    return EXIT_USAGE;
  }
  const findings = await look(config.targets).catch((error: unknown) => String(error));
  if (findings === undefined || typeof findings === 'string') {
    streams.stderr.write(
      `port-exporter discover: ${UNKNOWN}${findings === undefined ? '' : `: ${visible(findings)}`}\n`,
    );
    return EXIT_FAILED;
  }
  const unmonitored = identifyAll(findings.unmonitored, findings.listeners);
  const report = { unmonitored, silent: findings.silent, listening: findings.listeners.length };
  streams.stdout.write(json ? asJson(report) : asText(report));
  return unmonitored.length + findings.silent.length === 0 ? 0 : 1;
}

function lookHere(targets: readonly Target[]): Promise<Findings | undefined> {
  const { clock, resolver } = createWorld();
  const pace = new Pace(clock, LOOK_MS);
  return lookAround(targets, resolvedBy(resolver, pace), pace, { processesOf: 'all' });
}

type Report = {
  readonly unmonitored: readonly Found[];
  readonly silent: readonly Target[];
  readonly listening: number;
};

function asJson({ unmonitored, silent, listening }: Report): string {
  const targets = silent.map(({ name, address, service, group }) => ({ name, target: address, service, group }));
  return `${JSON.stringify({ listening, unmonitored: unmonitored.map(fieldsOf), silent: targets }, undefined, 2)}\n`;
}

function asText({ unmonitored, silent, listening }: Report): string {
  const listens = unmonitored.map(({ endpoint, service, process }) => [
    formatEndpoint(endpoint),
    service,
    process === undefined ? '' : `${visible(process.name)} (${process.pid})`,
  ]);
  const watched = silent.map(({ name, address, service, group }) => [
    visible(name === address ? name : `${name} (${address})`),
    visible(service),
    visible(group),
  ]);
  const parts = [
    ...section('Listens here, and no target watches it:', ['ADDRESS', 'SERVICE', 'PROCESS'], listens),
    ...section('Is monitored, and nothing listens there:', ['TARGET', 'SERVICE', 'GROUP'], watched),
    `${listening} listen here, ${unmonitored.length} of them not monitored; ${silent.length} monitored and silent`,
  ];
  return `${parts.join('\n')}\n`;
}

function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ''))));
  const lines = all.map((row) => `  ${row.map((cell, i) => pad(cell, widths[i] ?? 0)).join('  ')}`.trimEnd());
  return [title, ...lines, ''];
}
