import { parse } from 'yaml';
import { page } from '../docs/pages.ts';
import { type Exporter, exporterCommand } from './e2e-exporter.ts';
import { run } from './e2e-program.ts';

/** One story of docs/scenarios.md, with a test's addresses in place of its own. */
type Story = {
  /** What it has people write, at the speed of a test. */
  readonly config: object;
  /** The lines of what it shows that are not in real output, whatever differs from time to time. */
  readonly unseen: (output: string) => readonly string[];
};

/** What `port-exporter check` prints: the table, the JSON, and the targets of that by their names. */
type Report = {
  readonly code: number | null;
  readonly text: string;
  readonly json: string;
  readonly targets: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

const DEFAULTS = { interval: '2s', timeout: '1s', failures: 2, severity: 'critical' };

/** `places`: the addresses of the page, and what they are in this test. */
export function readStory(title: string, places: Readonly<Record<string, string>>): Story {
  const [, story = ''] = page('docs/scenarios.md').split(`\n## ${title}\n`);
  const blocks = Array.from(story.replace(/\n## .*/s, '').matchAll(/^```(\w+)\n(.*?)^```$/gms));
  const written = (...kinds: readonly string[]) =>
    blocks.flatMap(([, kind = '', text = '']) => (kinds.includes(kind) ? [text] : [])).join('');
  const shown = linesOf(written('console', 'text')).filter((line) => !/^(?:\$ .*|\.\.\.)$/.test(line));
  if (shown.length === 0) throw new Error(`docs/scenarios.md shows nothing under "${title}"`);
  const pairs = Object.entries(places);
  const config = pairs.reduce((text, [theirs, ours]) => text.replaceAll(theirs, ours), written('yaml'));
  return {
    config: { ...parse(config), defaults: DEFAULTS },
    unseen: (output) => {
      const seen = new Set(linesOf(pairs.reduce((text, [theirs, ours]) => text.replaceAll(ours, theirs), output)));
      return shown.filter((line) => !seen.has(line));
    },
  };
}

/** As Slack shows it; without times, the look-up of names, which tests do not need, and the width of a table's columns. */
function linesOf(output: string): readonly string[] {
  return output
    .replaceAll(':red_circle:', '🔴')
    .replaceAll(':large_green_circle:', '🟢')
    .replace(/[*`]/g, '')
    .replace(/\bresolve [\d.]+ m?s(?:, |$)/gm, '')
    .replace(/\b\d{4}-\d\d-\d\d /g, '')
    .replace(/\b\d\d:\d\d(?::\d\d)?\b/g, 'then')
    .replace(/\b(?:\d+m)?\d+(?:\.\d+)? ?m?s\b|\b\d+m\b/g, 'a while')
    .replace(/ +/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Runs `port-exporter check` on the configuration of an exporter. `before`: such as nsenter and its flags. */
export async function checkNow({ configFile }: Exporter, before: readonly string[] = []): Promise<Report> {
  const check = (...args: readonly string[]) =>
    run([...before, ...exporterCommand('check', `--config.file=${configFile}`, ...args)]);
  const [{ code, stdout: text }, { stdout: json }] = [await check(), await check('--json')];
  const { targets } = JSON.parse(json) as { targets: readonly { readonly name: string }[] };
  return { code, text, json, targets: Object.fromEntries(targets.map((target) => [target.name, target])) };
}
