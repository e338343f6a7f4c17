import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATA_SOURCE } from './names.ts';

export type Query = {
  readonly expr: string;
  /** A name of the result, where a panel has several. */
  readonly ref?: string;
  readonly legend?: string;
  /**
   * The shortest step: windows of one step would hold no sample with a shorter one. Not for rates: Grafana would take it for the scrape
   * interval, in place of that of the data source.
   */
  readonly minStep?: string;
};

/** A line over time. */
export function over(query: Query): DataqueryBuilder {
  return built(query).range();
}

/** One value, now. */
export function now(query: Query): DataqueryBuilder {
  return built(query).instant();
}

/** One row for each series, now. */
export function rowsOf(query: Query): DataqueryBuilder {
  return built(query).instant().format(PromQueryFormat.Table);
}

function built({ expr, ref = 'A', legend = '__auto', minStep }: Query): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .datasource(DATA_SOURCE)
    .expr(expr)
    .refId(ref)
    .legendFormat(legend)
    .editorMode(QueryEditorMode.Code);
  return minStep === undefined ? query : query.interval(minStep);
}
