import {
  type AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DatasourceVariableBuilder,
  type Panel,
  type QueryVariableBuilder,
  RowBuilder,
  type RowPanel,
  TimePickerBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { siblings } from './controls.ts';
import { TAG } from './names.ts';

/** A panel and its size in cells; a dashboard is 24 cells wide. Its id stays for good: links to single panels name it. */
export type Placed = {
  readonly id: number;
  readonly size: readonly [width: number, height: number];
  readonly panel: { build(): Panel };
};

type Section = {
  readonly id: number;
  readonly title: string;
  /** Its panels are asked for when somebody opens it. */
  readonly collapsed?: true;
  readonly panels: readonly Placed[];
};

type Plan = {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly (QueryVariableBuilder | DatasourceVariableBuilder)[];
  readonly annotations: readonly AnnotationQueryBuilder[];
  /** What is seen without scrolling. */
  readonly head: readonly Placed[];
  readonly sections: readonly Section[];
};

const COLUMNS = 24;

export function place(id: number, size: Placed['size'], panel: Placed['panel']): Placed {
  return { id, size, panel };
}

export function assemble(plan: Plan): Dashboard {
  const dashboard = new DashboardBuilder(plan.title)
    .uid(plan.uid)
    .description(plan.description)
    .tags([TAG, 'prometheus'])
    .readonly()
    .timezone('browser')
    .refresh('1m')
    .time({ from: 'now-6h', to: 'now' })
    .timepicker(new TimePickerBuilder().refreshIntervals(['30s', '1m', '5m', '15m', '1h']))
    .tooltip(DashboardCursorSync.Crosshair)
    .links(siblings())
    .variables([...plan.variables])
    .annotations([...plan.annotations])
    .build();
  dashboard.panels = arrange(plan.head, plan.sections);
  showControls(dashboard);
  return dashboard;
}

/** By hand: the SDK's own arrangement gives no ids, and lets panels run past the last column. */
function arrange(head: readonly Placed[], sections: readonly Section[]): (Panel | RowPanel)[] {
  const first = flow(head, 0);
  const all: (Panel | RowPanel)[] = [...first.panels];
  let y = first.bottom;
  for (const { id, title, collapsed = false, panels } of sections) {
    const row = new RowBuilder(title).id(id).collapsed(collapsed).gridPos({ x: 0, y, w: COLUMNS, h: 1 }).build();
    const body = flow(panels, y + 1);
    row.panels = collapsed ? body.panels : [];
    all.push(row, ...(collapsed ? [] : body.panels));
    y = collapsed ? y + 1 : body.bottom;
  }
  return all;
}

function flow(placed: readonly Placed[], top: number): { readonly panels: Panel[]; readonly bottom: number } {
  let [x, y, tallest] = [0, top, 0];
  const panels = placed.map(({ id, size: [w, h], panel }) => {
    if (x + w > COLUMNS) [x, y, tallest] = [0, y + tallest, 0];
    const built = { ...panel.build(), id, gridPos: { x, y, w, h } };
    x += w;
    tallest = Math.max(tallest, h);
    return built;
  });
  return { panels, bottom: y + tallest };
}

/** The SDK hides links and annotations in a menu, and has no way to say otherwise. */
function showControls(dashboard: Dashboard): void {
  for (const link of dashboard.links ?? []) delete link.placement;
  for (const annotation of dashboard.annotations.list ?? []) delete annotation.placement;
  const panels = (dashboard.panels ?? []).flatMap((panel) => ('panels' in panel ? panel.panels : [panel as Panel]));
  for (const link of panels.flatMap((panel) => panel.fieldConfig?.defaults.links ?? [])) delete link.placement;
}
