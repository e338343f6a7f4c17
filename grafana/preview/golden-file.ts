import type { Asking } from '../../test/grafana/asking.ts';
import type { Dashboard } from '../../test/grafana/model.ts';
import { blocksOf, type Look } from './golden-text.ts';

const HEADER = `What the dashboard shows of the history that the tests have (test/grafana/history-model.ts), in the words and colours of Grafana.
Written by: UPDATE_GOLDEN=1 npm run test:grafana
Read what that changes as you would read code: a test compares this file with what the dashboard shows.

(red)  words, a line, a bar or a state in this colour; without a colour it is that of plain text
[red]  all of the tile or cell in this colour
->     where a click leads
`;

/** Another major version counts the first sample of a window, or does not: the last digits then differ. */
export async function versionOf(prometheus: string): Promise<string> {
  const answer = await fetch(`${prometheus}/api/v1/status/buildinfo`);
  const { data } = (await answer.json()) as { data: { version: string } };
  return `Answers of Prometheus ${data.version.split('.')[0]}`;
}

/** All that is written down of a dashboard. */
export async function goldenOf(
  asking: Asking,
  dashboard: Dashboard,
  looks: readonly Look[],
  version: string,
): Promise<string> {
  const blocks: string[][] = [];
  for (const look of looks) blocks.push(...(await blocksOf(asking, dashboard, look)));
  return `${[`${dashboard.title}\n${version}\n${HEADER}`, ...blocks.map((lines) => `${lines.join('\n')}\n`)].join('\n')}`;
}

/** Panels that are not as they were: the lines that are gone, and those that are new. */
export function changes(before: string, after: string): object[] {
  const [was, is] = [byHeading(before), byHeading(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((panel) => {
    const [old, now] = [was.get(panel) ?? [], is.get(panel) ?? []];
    if (old.join('\n') === now.join('\n')) return [];
    const gone = old.filter((line) => !now.includes(line));
    const come = now.filter((line) => !old.includes(line));
    return [gone.length + come.length === 0 ? { panel, order: now } : { panel, gone, come }];
  });
}

function byHeading(text: string): Map<string, string[]> {
  const blocks = new Map<string, string[]>();
  let look = '';
  for (const block of text.split('\n\n')) {
    const [heading = '', ...lines] = block.trimEnd().split('\n');
    if (heading.startsWith('#')) look = heading;
    blocks.set(heading === look ? look : `${look} ${heading}`, lines);
  }
  return blocks;
}
