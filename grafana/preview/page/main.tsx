import type { DataFrame } from '@grafana/data';
import { ThemeContext } from '@grafana/data';
import { GlobalStyles, PanelChrome } from '@grafana/ui';
import { type ReactNode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Bars, Empty, Lines, Stat, Table } from './components.tsx';
import type { Drawing, PreviewDocument, PreviewPanel } from './document.ts';
import { Alerts, Heatmap, Timeline } from './drawings.tsx';
import { prepare, theme } from './prepare.ts';

const WIDTH = 1600;
const CELL = 30;
const GAP = 8;
const TOP = 88;
const COLUMN = (WIDTH - 32 - GAP * 23) / 24;

const KINDS: Readonly<Record<string, (drawing: Drawing) => ReactNode>> = {
  stat: Stat,
  bargauge: Bars,
  timeseries: Lines,
  table: Table,
  'state-timeline': Timeline,
  heatmap: Heatmap,
  alertlist: Alerts,
};

function Body(drawing: Omit<Drawing, 'frames'>) {
  const { panel, document } = drawing;
  const [frames, setFrames] = useState<DataFrame[]>();
  useEffect(() => {
    void prepare(panel, document).then(setFrames);
  }, [panel, document]);
  const Kind = KINDS[panel.type] ?? Empty;
  return frames === undefined ? null : <Kind {...drawing} frames={frames} />;
}

function box({ gridPos: { x, y, w, h } }: PreviewPanel) {
  const size = { width: w * COLUMN + (w - 1) * GAP, height: h * CELL + (h - 1) * GAP };
  return { left: 16 + x * (COLUMN + GAP), top: TOP + y * (CELL + GAP), ...size };
}

function Row({ panel }: { panel: PreviewPanel }) {
  const line = panel.collapsed ? `1px solid ${theme.colors.border.weak}` : 'none';
  return (
    <div style={{ position: 'absolute', ...box(panel), fontSize: 16, fontWeight: 500, borderBottom: line }}>
      {panel.collapsed ? `› ${panel.title} (${panel.panels?.length} panels)` : `⌄ ${panel.title}`}
    </div>
  );
}

function Framed({ panel, document }: { panel: PreviewPanel; document: PreviewDocument }) {
  const { width, height, ...at } = box(panel);
  return (
    <div style={{ position: 'absolute', ...at, width, height }}>
      <PanelChrome {...{ width, height }} title={panel.title} description={panel.description ?? ''}>
        {(innerWidth: number, innerHeight: number) => (
          <Body {...{ panel, document }} width={innerWidth} height={innerHeight} />
        )}
      </PanelChrome>
    </div>
  );
}

function Variable({ label, value }: { label: string; value: string }) {
  const part = { padding: '4px 8px', display: 'inline-block' };
  return (
    <span style={{ border: `1px solid ${theme.colors.border.medium}`, borderRadius: 2 }}>
      <span style={{ ...part, background: theme.colors.background.secondary }}>{label}</span>
      <span style={part}>{value}</span>
    </span>
  );
}

function Page({ document }: { document: PreviewDocument }) {
  const { dashboard, chosen } = document;
  const bottom = Math.max(...dashboard.panels.map((panel) => box(panel).top + box(panel).height));
  const { canvas: background } = theme.colors.background;
  const style = { background, color: theme.colors.text.primary, fontFamily: theme.typography.fontFamily };
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <div style={{ position: 'relative', width: WIDTH, height: bottom + 16, ...style }}>
        <div style={{ padding: '10px 16px 4px', fontSize: 18 }}>{dashboard.title}</div>
        <div style={{ padding: '4px 16px', display: 'flex', gap: 8, fontSize: 12 }}>
          {chosen.map(([label, value]) => (
            <Variable key={label} {...{ label, value }} />
          ))}
        </div>
        {dashboard.panels.map((panel) =>
          panel.type === 'row' ? (
            <Row key={panel.id} panel={panel} />
          ) : (
            <Framed key={panel.id} {...{ panel, document }} />
          ),
        )}
      </div>
    </ThemeContext.Provider>
  );
}

const name = new URLSearchParams(location.search).get('dashboard');
const found = (await (await fetch(`./data/${name}.json`)).json()) as PreviewDocument;
const root = window.document.getElementById('root');
if (root !== null) createRoot(root).render(<Page document={found} />);
