import type { DataFrame } from '@grafana/data';

/** What is drawn: a dashboard, what is chosen, and the frames of each panel by its id. Times in milliseconds. */
export type PreviewDocument = {
  readonly dashboard: PreviewDashboard;
  readonly chosen: readonly (readonly [label: string, value: string])[];
  readonly from: number;
  readonly to: number;
  readonly frames: Readonly<Record<number, DataFrame[]>>;
  readonly alerts: readonly Readonly<Record<string, string>>[];
};

export type PreviewDashboard = {
  readonly title: string;
  readonly refresh: string;
  readonly panels: readonly PreviewPanel[];
};

export type PreviewPanel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly collapsed?: boolean;
  readonly panels?: readonly PreviewPanel[];
  // biome-ignore lint/suspicious/noExplicitAny: options differ from panel to panel, and are handed on to Grafana's components
  readonly options?: any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly fieldConfig?: any;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly transformations?: any[];
};

/** What a drawing gets. */
export type Drawing = {
  readonly panel: PreviewPanel;
  readonly document: PreviewDocument;
  readonly frames: DataFrame[];
  readonly width: number;
  readonly height: number;
};
