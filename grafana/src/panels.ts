import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellHeight,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as AnyBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { byName, byThreshold, PLAIN, STATE_MAPPING, steps } from './look.ts';
import { DATA_SOURCE } from './names.ts';

/** What stands above a panel, and what its "i" says. */
type About = { readonly title: string; readonly description: string };

/** One number, or a word. */
export function stat({ title, description }: About): StatBuilder {
  return new StatBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .reduceOptions(last())
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Auto)
    .colorScheme(byThreshold())
    .thresholds(steps(...PLAIN))
    .noValue('no data');
}

export function lines({ title, description }: About): LinesBuilder {
  return new LinesBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .lineWidth(1)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .colorScheme(byName())
    .axisSoftMin(0)
    .legend(legend(LegendDisplayMode.List))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
}

/** A legend as a table at the right, with what the lines come to. */
export function legendTable(): VizLegendOptionsBuilder {
  return legend(LegendDisplayMode.Table).calcs(['mean', 'max']).placement(LegendPlacement.Right);
}

/** For series that add up. */
export function stacked(): StackingConfigBuilder {
  return new StackingConfigBuilder().mode(StackingMode.Normal).group('A');
}

export function timeline({ title, description }: About): TimelineBuilder {
  return new TimelineBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .mappings(STATE_MAPPING)
    .colorScheme(byThreshold())
    .thresholds(steps(...PLAIN))
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .rowHeight(0.85)
    .fillOpacity(85)
    .lineWidth(0)
    .spanNulls(false)
    .legend(legend(LegendDisplayMode.List))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single))
    .noValue('no data in this range');
}

export function table({ title, description }: About): TableBuilder {
  return new TableBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .showHeader(true)
    .cellHeight(TableCellHeight.Sm)
    .colorScheme(byThreshold())
    .thresholds(steps(...PLAIN));
}

export function bars({ title, description }: About): BarsBuilder {
  return new BarsBuilder()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .valueMode(BarGaugeValueMode.Text)
    .showUnfilled(true)
    .reduceOptions(last())
    .colorScheme(byThreshold())
    .min(0);
}

export function heatmap({ title, description }: About): HeatmapBuilder {
  return new HeatmapBuilder().title(title).description(description).datasource(DATA_SOURCE);
}

/** The SDK has no builder for the list of alerts. `filter` is one of labels. */
export function alertList({ title, description }: About, filter: string): AnyBuilder {
  return new AnyBuilder()
    .type('alertlist')
    .title(title)
    .description(description)
    .options({
      viewMode: 'list',
      groupMode: 'default',
      groupBy: [],
      maxItems: 20,
      sortOrder: 3, // by importance
      dashboardAlerts: false,
      alertName: '',
      alertInstanceLabelFilter: filter,
      // Compared with the names of data sources as it is: a variable would match none.
      datasource: '',
      folder: null,
      showInstances: true,
      showInactiveAlerts: false,
      stateFilter: { firing: true, pending: true, recovering: true, noData: true, normal: false, error: true },
    });
}

function last(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields('');
}

function legend(mode: LegendDisplayMode): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder().showLegend(true).displayMode(mode).placement(LegendPlacement.Bottom).calcs([]);
}
