import { REASONS } from '../../core/reason.ts';
import { causesOf } from '../../probe/causes.ts';
import { layerStates } from '../../probe/layers.ts';
import { maintenanceAt, maintenanceText } from '../../probe/maintenance.ts';
import type { Target } from '../../probe/spec.ts';
import type { TargetState } from '../../probe/state.ts';
import { contentSecurityPolicy, escapeHtml, formatAge, formatLatency } from './html.ts';

/** What the status page shows. `now` in milliseconds since 1970. */
export type StatusView = {
  readonly rows: readonly { readonly target: Target; readonly state: TargetState }[];
  readonly now: number;
  readonly version: string;
  readonly prefix: string;
};

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --quiet: #666; --down: #b3261e; --fault: #8a5a00; --up: #1b6e3c; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --down: #ff8a80; --fault: #ffca6a; --up: #7fd8a0; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; }
nav, footer, .quiet { color: var(--quiet); }
nav a, footer a { margin-right: 1rem; color: inherit; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.state { font-weight: 700; white-space: nowrap; }
.down > .state { color: var(--down); } .fault > .state { color: var(--fault); } .up > .state { color: var(--up); }
.layers { display: flex; flex-wrap: wrap; gap: .2rem .9rem; list-style: none; margin: 0 0 .2rem; padding: 0; }
li.down .state { color: var(--down); } li.up .state { color: var(--up); } li.quiet .state { font-weight: 400; }
code { font-size: .95em; overflow-wrap: anywhere; }
`;

/** Sent with the page. */
export const STATUS_POLICY = contentSecurityPolicy(STYLE);

const RANK = { down: 0, fault: 1, unknown: 2, up: 3 };
type Standing = keyof typeof RANK;
const WORDS: Readonly<Record<Standing, string>> = {
  down: 'DOWN',
  fault: 'NOT PROBED',
  unknown: 'not probed yet',
  up: 'up',
};

/** The status page, in pieces: what is down first. Plain HTML without a script. */
export function* renderStatus({ rows, now, version, prefix }: StatusView): Generator<string> {
  const ranked = rows
    .map((row) => ({ ...row, standing: standingOf(row.state) }))
    .sort((a, b) => RANK[a.standing] - RANK[b.standing]);
  const count = (standing: Standing) => ranked.filter((row) => row.standing === standing).length;
  yield head(`${count('down')} down, ${count('up')} up of ${rows.length}`, prefix);
  if (rows.length === 0)
    yield '<p>No targets are configured: this exporter answers <code>/probe?target=host:port</code>.</p>';
  else {
    yield `<div class="scroll"><table><thead><tr><th>State<th>Target<th>Service<th>Group<th>Why<th>Latency<th>Checked</tr></thead><tbody>\n`;
    const byName = new Map(ranked.map((one) => [one.target.name, one]));
    for (const { target, state, standing } of ranked)
      yield row(target, state, standing, now, standing === 'down' ? causes(target, byName) : []);
    yield '</tbody></table></div>\n';
  }
  yield `<footer>port-exporter ${escapeHtml(version)}. Targets are probed when Prometheus scrapes; this page shows the last results.</footer>\n`;
}

function head(summary: string, prefix: string): string {
  const links = [
    ['metrics', 'Metrics'],
    ['sd', 'Service discovery'],
    ['config', 'Configuration'],
  ].map(([path, text]) => `<a href="${escapeHtml(prefix)}/${path}">${text}</a>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${summary} - port-exporter</title><style>${STYLE}</style></head>
<body><h1>port-exporter: ${summary}</h1><nav>${links.join('')}</nav>
`;
}

function standingOf({ up, last }: TargetState): Standing {
  if (last === undefined) return 'unknown';
  if (last.failure?.reason === 'exporter_error') return 'fault';
  return up ? 'up' : 'down';
}

type Ranked = { readonly target: Target; readonly state: TargetState; readonly standing: Standing };

/** What it is down because of: each by its name and why that is down. */
function causes(target: Target, byName: ReadonlyMap<string, Ranked>): readonly string[] {
  const names = causesOf(
    target,
    (name) => byName.get(name)?.target,
    ({ name }) => byName.get(name)?.standing === 'down',
  );
  return names.map((name) => `${name} (${byName.get(name)?.state.last?.failure?.reason ?? 'down'})`);
}

function row(target: Target, state: TargetState, standing: Standing, now: number, because: readonly string[]): string {
  const name = target.name === target.address ? '' : `${escapeHtml(target.name)}<br>`;
  const latency = state.last?.phases.connect;
  const cells = [
    `<td class="state">${WORDS[standing]}`,
    `<td>${name}<code>${escapeHtml(target.address)}</code>`,
    `<td>${escapeHtml(target.service)}`,
    `<td>${escapeHtml(target.group)}`,
    `<td>${layers(target, state)}${closed(state)}${why(state, now)}${cause(because)}${planned(target, now)}`,
    `<td class="number">${latency === undefined ? '' : formatLatency(latency)}`,
    `<td class="number">${state.last === undefined ? '' : `${formatAge(now - state.last.startedAt)} ago`}`,
  ];
  return `<tr class="${standing}">${cells.join('')}</tr>\n`;
}

/** port ok, http broken: bottom first, down to the one that is broken. */
function layers({ layers: all = [] }: Target, { last }: TargetState): string {
  if (last === undefined || all.length === 0) return '';
  const known = new Map(layerStates(all, last));
  const items = all.map((layer) => {
    const up = known.get(layer);
    const word = up === undefined ? 'not known' : up ? 'ok' : 'broken';
    return `<li class="${up === undefined ? 'quiet' : up ? 'up' : 'down'}">${layer} <span class="state">${word}</span>`;
  });
  return `<ul class="layers">${items.join('')}</ul>`;
}

function closed({ last }: TargetState): string {
  return last?.closed === undefined ? '' : `<span class="quiet">closed, as it should be (${last.closed.reason})</span>`;
}

function cause(because: readonly string[]): string {
  return because.length === 0 ? '' : `<br>because of <strong>${escapeHtml(because.join(', '))}</strong>`;
}

function planned({ maintenance = [] }: Target, now: number): string {
  const open = maintenanceAt(maintenance, now);
  return open === undefined ? '' : `<div class="quiet">${escapeHtml(maintenanceText(open))}</div>`;
}

function why({ last, consecutiveFailures, lastChangeAt, up }: TargetState, now: number): string {
  const failure = last?.failure;
  if (failure === undefined) return '';
  const since = up === false && lastChangeAt !== undefined ? `, since ${formatAge(now - lastChangeAt)}` : '';
  const times = up === false ? `, ${consecutiveFailures} in a row${since}` : '';
  return `<strong>${failure.reason}</strong> in phase ${failure.phase}${times}<br><span class="quiet">${escapeHtml(REASONS[failure.reason])}</span>`;
}
