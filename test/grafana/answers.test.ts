import { expect, test } from 'vitest';
import { judge } from './answers.ts';
import type { PanelAnswer, Series } from './asking.ts';

const ONE: Series = { metric: { name: 'shop', group: 'web' }, values: [[1, 2]] };

function answered(series: readonly Series[], more: { seconds?: number; legendFormat?: string } = {}): PanelAnswer {
  const { seconds = 0.1, legendFormat = '{{name}}' } = more;
  const query = { refId: 'A', legendFormat };
  return { panel: { type: 'timeseries', title: 'Up' }, answers: [{ query, expr: 'up', step: 60, series, seconds }] };
}

test('an answer with one named series, soon, is right', () => {
  expect(judge(answered([ONE]), true)).toEqual([]);
});

test.each([
  ['empty', answered([])],
  ['slow', answered([ONE], { seconds: 2.1 })],
  ['not-a-number', answered([{ ...ONE, values: [[1, Number.NaN]] }])],
  ['legend', answered([ONE, { ...ONE, metric: { name: 'shop', group: 'mail' } }])],
  ['legend', answered([ONE], { legendFormat: '{{rack}}' })],
  ['crowded', answered(Array.from({ length: 26 }, (_, i) => ({ ...ONE, metric: { name: String(i) } })))],
])('an answer that is wrong is found: %s', (rule, answer) => {
  expect(judge(answer, true).map((finding) => finding.rule)).toEqual([rule]);
});

test('two targets may have one name', () => {
  const other = { ...ONE, metric: { name: 'shop', target: 'shop.example.org:80' } };
  expect(judge(answered([ONE, other]), true)).toEqual([]);
});

test('nothing is missed where there is nothing', () => {
  expect(judge(answered([]), false)).toEqual([]);
});
