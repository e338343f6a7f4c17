import { PHASES, REASONS } from '../core/reason.ts';
import type { ProbeResult } from '../core/result.ts';
import { brokenText } from '../probe/layers.ts';
import { maintenanceText } from '../probe/maintenance.ts';
import type { Target } from '../probe/spec.ts';
import { pad, shorten, visible, widthOf, wrap } from './text.ts';
import type { State, Tally, Verdict } from './verdict.ts';

/** How a table is drawn. Without `columns` lines are as long as they need to be: for files and pipes. */
export type Look = { readonly columns?: number; readonly colours: boolean };

type Cells = readonly string[];
/** `more`: what follows below the row, said of itself by the service or measured beyond the connect. */
type Row = { readonly state: State; readonly cells: Cells; readonly more: string };

const HEADER = ['STATE', 'TARGET', 'SERVICE', 'LATENCY', 'REASON', 'WHAT TO LOOK AT'] as const;
const TARGET = 1;
const LATENCY = 3;
const GAP = 2;
/** What follows below a row starts under its target. */
const INDENT = HEADER[0].length + GAP;
const LEAST_TARGET = 8;
const LEAST_TEXT = 20;

const ORDER: Readonly<Record<State, number>> = { DOWN: 0, FAULT: 1, UP: 2 };
const COLOUR: Readonly<Record<State, string>> = { DOWN: '\x1b[31m', FAULT: '\x1b[33m', UP: '\x1b[32m' };
const BOLD = '\x1b[1m';
const PLAIN = '\x1b[0m';

/** The verdicts as a table, what needs attention first, then by group, and a summary. */
export function renderTable(verdicts: readonly Verdict[], tally: Tally, look: Look): string {
  const rows = inOrder(verdicts).map(rowOf);
  const layout = arrange(rows, look.columns);
  const lines = [paint(BOLD, line(HEADER.slice(0, layout.widths.length), layout.widths), look)];
  for (const row of rows) lines.push(...rowLines(row, layout, look));
  return `${lines.join('\n')}\n\n${summary(tally)}\n`;
}

/** "7 up, 1 down, 0 not probed; 0.4 s". */
export function summary({ up, down, notProbed, tookMs }: Tally): string {
  return `${up} up, ${down} down, ${notProbed} not probed; ${formatTook(tookMs)}`;
}

function formatTook(ms: number): string {
  return ms < 100 ? `${(Math.ceil(ms / 10) / 100).toFixed(2)} s` : `${(ms / 1000).toFixed(1)} s`;
}

/** "0.35 ms", "12.3 ms", "1.20 s": three digits that mean something. */
export function formatLatency(ms: number): string {
  if (ms < 9.995) return `${ms.toFixed(2)} ms`;
  return ms < 999.95 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function inOrder(verdicts: readonly Verdict[]): Verdict[] {
  const groups = new Map<string, number>();
  for (const { target } of verdicts) if (!groups.has(target.group)) groups.set(target.group, groups.size);
  const place = ({ target }: Verdict) => groups.get(target.group) ?? 0;
  return verdicts.toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || place(a) - place(b));
}

function rowOf({ target, result, state, layer, causes = [], maintenance }: Verdict): Row {
  const planned = maintenance === undefined ? '' : maintenanceText(maintenance);
  const { failure, phases } = result;
  const place = target.name === target.address ? target.name : `${target.name} (${target.address})`;
  return {
    state,
    cells: [
      state,
      visible(place),
      visible(target.service),
      phases.connect === undefined ? '-' : formatLatency(phases.connect),
      failure === undefined ? '' : `${failure.reason} in ${failure.phase}`,
      failure === undefined ? '' : REASONS[failure.reason],
    ],
    more: visible(
      [planned, because(causes), broken(layer), closed(result), moreOf(target, result)]
        .filter((part) => part !== '')
        .join('; '),
    ),
  };
}

function because(causes: readonly string[]): string {
  return causes.length === 0 ? '' : `because of ${causes.join(', ')}`;
}

function broken(layer: Verdict['layer']): string {
  return layer === undefined ? '' : brokenText(layer);
}

function closed(result: ProbeResult): string {
  return result.closed === undefined ? '' : `closed, as it should be (${result.closed.reason})`;
}

/** "connect 0.31 ms, handshake 1.50 ms; version 15.18; auth_required; the service says ...", where the check went beyond the connect. */
function moreOf({ spec }: Target, { failure, phases, service }: ProbeResult): string {
  if (spec.tls === undefined && (spec.use === undefined || spec.use.courtesy)) return '';
  const took = PHASES.flatMap((phase) =>
    phases[phase] === undefined ? [] : [`${phase} ${formatLatency(phases[phase])}`],
  );
  const isBeyond = failure?.phase === 'tls' || failure?.phase === 'handshake' || phases.connect !== undefined;
  const words = isBeyond ? failure?.detail : undefined;
  const version = service?.version === undefined ? undefined : `version ${service.version}`;
  return [took.join(', '), version, service?.state, words]
    .filter((part) => part !== undefined && part !== '')
    .join('; ');
}

/** Widths of the columns that stand side by side; the cells of the others follow below each row. */
type Layout = { readonly widths: readonly number[]; readonly below: number };

/** As many columns as fit: on a narrow terminal the advice goes below the row, then the reason too, then targets are shortened. */
function arrange(rows: readonly Row[], columns = Number.POSITIVE_INFINITY): Layout {
  const natural = HEADER.map((title, i) =>
    rows.reduce((most, { cells }) => Math.max(most, widthOf(cells[i] ?? '')), title.length),
  );
  const below = Math.max(LEAST_TEXT, columns - INDENT);
  for (const count of [HEADER.length, HEADER.length - 1]) {
    if (total(natural.slice(0, count)) <= columns) return { widths: natural.slice(0, count), below };
  }
  const widths = natural.slice(0, HEADER.length - 2);
  const spare = columns - (total(widths) - (widths[TARGET] ?? 0));
  return { widths: widths.with(TARGET, Math.max(LEAST_TARGET, Math.min(widths[TARGET] ?? 0, spare))), below };
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}

function rowLines({ state, cells, more }: Row, { widths, below }: Layout, look: Look): string[] {
  const beside = line(cells.slice(0, widths.length), widths);
  const rest = cells.slice(widths.length).filter((cell) => cell !== '');
  const wrapped = rest.length === 0 ? [] : wrap(rest.join(': '), below);
  if (more !== '') wrapped.push(...wrap(more, below));
  return [
    paint(COLOUR[state], state, look) + beside.slice(state.length),
    ...wrapped.map((text) => ' '.repeat(INDENT) + text),
  ];
}

function line(cells: Cells, widths: readonly number[]): string {
  const padded = cells.map((cell, i) => {
    const width = widths[i] ?? 0;
    return i === LATENCY ? cell.padStart(width) : pad(shorten(cell, width), width);
  });
  return padded.join(' '.repeat(GAP)).trimEnd();
}

function paint(code: string, text: string, { colours }: Look): string {
  return colours ? `${code}${text}${PLAIN}` : text;
}
