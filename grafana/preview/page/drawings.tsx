import { type Field, getFieldDisplayName, getValueFormat } from '@grafana/data';
import { Empty } from './components.tsx';
import type { Drawing, PreviewDocument } from './document.ts';
import { theme } from './prepare.ts';

/** Drawn by hand, because Grafana's state timeline, heat map and list of alerts are in no package. */

const TEXT = { fontFamily: theme.typography.fontFamily, fontSize: 12 };
const AXIS = 22;

type Bar = { readonly value: unknown; readonly start: number; end: number };

/** Neighbours with one value are one bar. */
function barsOf(times: readonly number[], values: readonly unknown[], step: number): Bar[] {
  const bars: Bar[] = [];
  for (const [i, start] of times.entries()) {
    const last = bars.at(-1);
    if (last !== undefined && last.value === values[i] && start - last.end <= 1) last.end = start + step;
    else bars.push({ value: values[i], start, end: start + step });
  }
  return bars;
}

export function Timeline({ panel, frames, width, height, document }: Drawing) {
  if (frames.length === 0) return <Empty panel={panel} />;
  const rows = frames.map((frame) => {
    const [times, value] = frame.fields as [Field<number>, Field];
    const step = (frame.meta?.custom?.['step'] ?? 60) * 1000;
    return { name: getFieldDisplayName(value, frame, frames), value, bars: barsOf(times.values, value.values, step) };
  });
  const left = Math.min(260, 14 + 7 * Math.max(...rows.map(({ name }) => name.length)));
  const pitch = Math.min(40, (height - AXIS) / rows.length);
  const x = (time: number) =>
    left +
    ((Math.min(Math.max(time, document.from), document.to) - document.from) / (document.to - document.from)) *
      (width - left - 8);
  return (
    <svg width={width} height={height} style={TEXT}>
      <title>{panel.title}</title>
      {rows.map(({ name, value, bars }, i) => (
        <g key={name} transform={`translate(0 ${i * pitch + pitch * 0.075})`}>
          <text x={left - 8} y={pitch * 0.425 + 4} textAnchor="end" fill={theme.colors.text.primary}>
            {name}
          </text>
          {bars.map((bar) => (
            <rect
              key={bar.start}
              x={x(bar.start)}
              width={Math.max(1, x(bar.end) - x(bar.start))}
              height={pitch * 0.85}
              fill={value.display?.(bar.value).color ?? ''}
              fillOpacity={0.85}
            />
          ))}
          {panel.options.showValue !== 'never' &&
            bars.map((bar) => <Word key={bar.start} {...{ value, bar, x, pitch }} />)}
        </g>
      ))}
      <Ticks {...{ document, height, x }} />
    </svg>
  );
}

/** What a bar stands for, where it is wide enough for that. */
function Word({ value, bar, x, pitch }: { value: Field; bar: Bar; x: (time: number) => number; pitch: number }) {
  const text = value.display?.(bar.value).text ?? '';
  if (x(bar.end) - x(bar.start) < 8 + 7 * text.length) return null;
  return (
    <text x={(x(bar.start) + x(bar.end)) / 2} y={pitch * 0.425 + 4} textAnchor="middle" fill="#ffffff">
      {text}
    </text>
  );
}

function Ticks({ document, height, x }: { document: PreviewDocument; height: number; x: (time: number) => number }) {
  const times = Array.from({ length: 7 }, (_, i) => document.from + ((document.to - document.from) * (i + 0.5)) / 7);
  return times.map((time) => (
    <text key={time} x={x(time)} y={height - 6} textAnchor="middle" fill={theme.colors.text.secondary}>
      {new Date(time).toISOString().slice(11, 16)}
    </text>
  ));
}

export function Heatmap({ panel, frames, width, height, document }: Drawing) {
  const step = Number(frames[0]?.meta?.custom?.['step'] ?? 60) * 1000;
  const columns = Math.max(1, Math.min(60, Math.floor((document.to - document.from) / step)));
  const cells = new Map<string, number>();
  for (const { fields } of frames) {
    const [times, values] = fields as [Field<number>, Field<number>];
    for (const [i, time] of times.values.entries()) {
      const column = Math.floor(((time - document.from) / (document.to - document.from)) * columns);
      const key = `${Math.min(columns - 1, Math.max(0, column))} ${Math.floor(Math.log2(values.values[i] ?? 1))}`;
      cells.set(key, (cells.get(key) ?? 0) + 1);
    }
  }
  if (cells.size === 0) return <Empty panel={panel} />;
  const levels = Array.from(cells.keys(), (key) => Number(key.split(' ')[1]));
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const left = 62;
  const [wide, tall] = [(width - left - 8) / columns, (height - AXIS) / (high - low + 1)];
  const most = Math.max(...cells.values());
  const x = (time: number) => left + ((time - document.from) / (document.to - document.from)) * (width - left - 8);
  return (
    <svg width={width} height={height} style={TEXT}>
      <title>{panel.title}</title>
      {Array.from(cells, ([key, count]) => {
        const [column = 0, level = 0] = key.split(' ').map(Number);
        const at = { x: left + column * wide, y: (high - level) * tall, width: wide - 1, height: tall - 1 };
        return <rect key={key} {...at} fill="#FF9830" fillOpacity={0.1 + 0.9 * Math.sqrt(count / most)} />;
      })}
      {Array.from({ length: high - low + 1 }, (_, i) => low + i)
        .filter((level) => (level - low) % 2 === 0)
        .map((level) => (
          <text
            key={level}
            x={left - 6}
            y={(high - level + 1) * tall - 2}
            textAnchor="end"
            fill={theme.colors.text.secondary}
          >
            {seconds(2 ** level)}
          </text>
        ))}
      <Ticks {...{ document, height, x }} />
    </svg>
  );
}

function seconds(value: number): string {
  const { text, suffix = '' } = getValueFormat('s')(value, 1);
  return `${text}${suffix}`;
}

export function Alerts({ document }: Drawing) {
  const row = { display: 'flex', gap: 12, padding: '6px 10px', marginBottom: 4, fontSize: 13 };
  return document.alerts.map((labels) => (
    <div key={JSON.stringify(labels)} style={{ ...row, background: theme.colors.background.secondary }}>
      <b
        style={{
          width: 60,
          color: theme.visualization.getColorByName(labels['alertstate'] === 'firing' ? 'red' : 'orange'),
        }}
      >
        {labels['alertstate']}
      </b>
      <span>{labels['alertname']}</span>
      <span style={{ color: theme.colors.text.secondary }}>{labels['name'] ?? labels['instance'] ?? ''}</span>
    </div>
  ));
}
