import { FieldType, getDisplayProcessor, getFieldDisplayValues } from '@grafana/data';
import { BarGauge, BigValue, TimeSeries } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import type { Drawing } from './document.ts';
import { theme, timeRange } from './prepare.ts';

/** What Grafana writes into a panel without data. */
export function Empty({ panel }: Pick<Drawing, 'panel'>) {
  const style = { display: 'flex', height: '100%', alignItems: 'center', justifyContent: 'center' };
  const text = panel.fieldConfig?.defaults?.noValue ?? 'No data';
  return <div style={{ ...style, color: theme.colors.text.secondary }}>{text}</div>;
}

function valuesOf({ panel, frames }: Drawing) {
  return getFieldDisplayValues({
    fieldConfig: panel.fieldConfig,
    reduceOptions: panel.options.reduceOptions,
    replaceVariables: (text) => text,
    theme,
    data: frames,
    sparkline: panel.type === 'stat' && panel.options.graphMode !== 'none',
    timeZone: 'utc',
  });
}

export function Stat(drawing: Drawing) {
  const { panel, width, height } = drawing;
  const values = valuesOf(drawing);
  const { textMode, colorMode, graphMode, justifyMode } = panel.options;
  const beside = Math.max(1, values.length);
  return (
    <div style={{ display: 'flex' }}>
      {values.map(({ display, sparkline }) => (
        <BigValue
          key={display.title}
          count={beside}
          {...{ theme, height, textMode, colorMode, graphMode, justifyMode, sparkline }}
          width={width / beside}
          value={{ ...display, title: beside > 1 || textMode === 'name' ? display.title : undefined }}
        />
      ))}
    </div>
  );
}

export function Bars(drawing: Drawing) {
  const { panel, width, height } = drawing;
  const values = valuesOf(drawing);
  if (drawing.frames.length === 0) return <Empty panel={panel} />;
  const row = Math.min(34, (height - 4) / values.length);
  const { displayMode, showUnfilled, valueMode } = panel.options;
  return (
    <div>
      {values.map(({ display, field }) => (
        <div key={display.title} style={{ height: row, paddingBottom: 4 }}>
          <BarGauge
            {...{ theme, width, displayMode, showUnfilled, field }}
            height={row - 4}
            value={display}
            display={getDisplayProcessor({ field: { type: FieldType.number, config: field }, theme })}
            orientation={'horizontal' as never}
            valueDisplayMode={valueMode}
            itemSpacing={4}
            text={{}}
          />
        </div>
      ))}
    </div>
  );
}

export function Lines({ panel, frames, width, height, document }: Drawing) {
  if (frames.length === 0) return <Empty panel={panel} />;
  const { options } = panel;
  return (
    <TimeSeries
      {...{ frames, width, height, options }}
      timeRange={timeRange(document)}
      timeZone="utc"
      legend={options.legend}
    />
  );
}

export function Table({ panel, frames: [frame], width, height }: Drawing) {
  if (frame === undefined || frame.length === 0) return <Empty panel={panel} />;
  const { cellHeight, sortBy } = panel.options;
  return (
    <TableNG
      {...{ width, height, cellHeight, sortBy }}
      data={frame}
      sortByBehavior="managed"
      fieldConfig={panel.fieldConfig}
      structureRev={1}
      enableVirtualization={false}
    />
  );
}
