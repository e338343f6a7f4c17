import * as grafana from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { fieldOptions } from '../options.ts';
import type { PreviewDocument, PreviewPanel } from './document.ts';

const { standardTransformers, standardTransformersRegistry } = grafana;
const all = new Map(Object.values(standardTransformers).map((one) => [one.id, one] as const));
standardTransformersRegistry.setInit(
  () => Array.from(all.values(), (one) => ({ id: one.id, name: one.name, transformation: async () => one })) as never,
);

const mode = new URLSearchParams(location.search).get('theme') === 'light' ? 'light' : 'dark';
export const theme = grafana.createTheme({ colors: { mode } });

export function timeRange({ from, to }: PreviewDocument): grafana.TimeRange {
  return { from: grafana.dateTime(from), to: grafana.dateTime(to), raw: { from: 'now-6h', to: 'now' } };
}

/** Frames as Grafana draws them: transformed, with units, colours and texts. */
export async function prepare(panel: PreviewPanel, document: PreviewDocument): Promise<grafana.DataFrame[]> {
  const given = document.frames[panel.id] ?? [];
  const { transformations = [], fieldConfig = { defaults: {}, overrides: [] } } = panel;
  const data =
    transformations.length === 0 ? given : await lastValueFrom(grafana.transformDataFrame(transformations, given));
  const frames = grafana.applyFieldOverrides({
    data,
    fieldConfig,
    theme,
    timeZone: 'utc',
    replaceVariables: (text) => text,
    fieldConfigRegistry: new grafana.FieldConfigOptionsRegistry(() => fieldOptions(fieldConfig) as never),
  });
  grafana.cacheFieldDisplayNames(frames);
  return frames;
}
