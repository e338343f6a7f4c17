import { legendOf, type PanelAnswer } from './asking.ts';
import type { Finding } from './model.ts';

const MOST_SECONDS = 2;
const MOST_SERIES = 25;
const LINES = ['timeseries', 'stat', 'bargauge'];

/** What is wrong with what Prometheus says to the queries of a panel. */
export function judge({ panel, answers }: PanelAnswer, full: boolean): Finding[] {
  const { title: where = '', type } = panel;
  const findings: Finding[] = [];
  const report = (rule: string, what: string) => findings.push({ rule, where, what });
  const series = answers.flatMap((answer) => answer.series);
  if (full && series.length === 0 && answers.length > 0) report('empty', answers.map(({ expr }) => expr).join('\n'));
  if (LINES.includes(type) && series.length > MOST_SERIES) report('crowded', `${series.length} series`);
  for (const { expr, seconds } of answers)
    if (seconds > MOST_SECONDS) report('slow', `${seconds.toFixed(1)} s for ${expr}`);
  if (series.some(({ values }) => values.some(([, value]) => !Number.isFinite(value)))) report('not-a-number', '');
  if (type !== 'table')
    for (const twice of namedTwice(answers)) report('legend', `several series are called "${twice}"`);
  return findings;
}

function namedTwice(answers: PanelAnswer['answers']): string[] {
  const named = answers.flatMap(({ query, series }) =>
    series.flatMap(({ metric }) => {
      const name = legendOf(query, metric);
      // Names of targets are unique within a job only; the link of each leads to its own address.
      return name === undefined ? [] : [{ name, of: query.legendFormat === '{{name}}' ? metric['target'] : undefined }];
    }),
  );
  return named
    .filter(({ name, of }, i) => name === '' || named.findIndex((one) => one.name === name && one.of === of) !== i)
    .map(({ name }) => name);
}
