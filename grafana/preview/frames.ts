import type { DataFrame, Field } from '@grafana/data';
import { legendOf, type PanelAnswer } from '../../test/grafana/asking.ts';

type Answer = PanelAnswer['answers'][number];

/** The answers to a panel's queries as Grafana's data source for Prometheus makes frames of them. */
export function framesOf({ answers }: Pick<PanelAnswer, 'answers'>): DataFrame[] {
  return answers.flatMap((answer) =>
    answer.query.format === 'table' ? [rows(answer, answers.length)] : lines(answer),
  );
}

/** One frame, a column for each label. */
function rows({ query, series }: Answer, queries: number): DataFrame {
  const { refId } = query;
  const labels = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))].sort();
  if (series.length === 0) return { refId, fields: [], length: 0 };
  const column = (name: string, type: string, values: unknown[]) => ({ name, type, config: {}, values }) as Field;
  const fields = [
    column(
      'Time',
      'time',
      series.map(({ values }) => (values[0]?.[0] ?? 0) * 1000),
    ),
    ...labels.map((label) =>
      column(
        label,
        'string',
        series.map(({ metric }) => metric[label] ?? ''),
      ),
    ),
    column(
      queries > 1 ? `Value #${refId}` : 'Value',
      'number',
      series.map(({ values }) => values[0]?.[1]),
    ),
  ];
  return { refId, fields, length: series.length };
}

/** One frame for each series. */
function lines({ query, series, step }: Answer): DataFrame[] {
  return series.map(({ metric, values }) => {
    const name = legendOf(query, metric);
    const config = name === undefined ? {} : { displayNameFromDS: name };
    return {
      ...(name === undefined ? {} : { name }),
      refId: query.refId,
      length: values.length,
      meta: { custom: { step } },
      fields: [
        { name: 'Time', type: 'time', config: {}, values: values.map(([at]) => at * 1000) },
        { name: 'Value', type: 'number', labels: metric, config, values: values.map(([, value]) => value) },
      ] as Field[],
    };
  });
}
