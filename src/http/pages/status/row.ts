import { counted } from '../../../core/counted.ts';
import { PHASES, REASONS } from '../../../core/reason.ts';
import type { Outcome } from '../../../probe/history.ts';
import { layerStates } from '../../../probe/layers.ts';
import { maintenanceAt, maintenanceText } from '../../../probe/maintenance.ts';
import type { Target } from '../../../probe/spec.ts';
import type { TargetState } from '../../../probe/state.ts';
import { escapeHtml, formatAge, formatLatency } from '../html.ts';
import type { Standing } from './query.ts';
import { certificateDays, idOf, type Row } from './rows.ts';

export const WORDS: Readonly<Record<Standing, string>> = {
  down: 'DOWN',
  fault: 'NOT PROBED',
  unknown: 'not probed yet',
  up: 'up',
};

/** The columns, with what the page may be sorted by. */
export const COLUMNS = [
  ['state', 'State'],
  ['name', 'Target'],
  ['service', 'Service'],
  ['group', 'Group'],
  [undefined, 'Why'],
  [undefined, 'Last 50'],
  ['latency', 'Connect'],
  ['certificate', 'Certificate'],
  ['checked', 'Checked'],
] as const;

/** One row. `probe`: where it is probed now; `now` in ms since 1970. */
export function renderRow(row: Row, causes: readonly string[], probe: string, now: number): string {
  const { target, state, standing } = row;
  const { last } = state;
  const latency = last?.phases.connect;
  const days = certificateDays(state, now);
  const cells = [
    `<td class="state">${WORDS[standing]}`,
    `<th scope="row">${nameOf(target)}${details(row, causes, probe)}</th>`,
    `<td data-name="Service">${escapeHtml(target.service)}`,
    `<td data-name="Group">${escapeHtml(target.group)}`,
    `<td>${why(target, state, now)}${because(causes)}${planned(target, now)}`,
    `<td data-name="Last 50">${strip(row.outcomes())}`,
    `<td class="number" data-name="Connect">${latency === undefined ? '' : formatLatency(latency)}`,
    `<td class="number" data-name="Certificate">${days === undefined ? '' : certificate(days)}`,
    `<td class="number" data-name="Checked">${last === undefined ? '' : `${formatAge(now - last.startedAt)} ago`}`,
  ];
  return `<tr class="${standing}">${cells.join('')}</tr>\n`;
}

function nameOf({ name, address }: Target): string {
  return name === address
    ? `<code>${escapeHtml(address)}</code>`
    : `${escapeHtml(name)}<br><code>${escapeHtml(address)}</code>`;
}

/** Days: when the first alert of a certificate comes. */
const SOON = 30;

function certificate(days: number): string {
  if (days < 0) return `expired ${-days} d ago`;
  return days < SOON
    ? `<strong class="soon"><span class="unseen">expires soon: </span>${days} d</strong>`
    : `${days} d`;
}

function why(
  { layers: all = [] }: Target,
  { last, consecutiveFailures, lastChangeAt, up }: TargetState,
  now: number,
): string {
  const failure = last?.failure;
  const shown = last === undefined ? '' : layers(all, last);
  if (failure === undefined) return `${shown}${closed(last)}`;
  const since = up === false && lastChangeAt !== undefined ? `, since ${formatAge(now - lastChangeAt)}` : '';
  const times = up === false ? `, ${consecutiveFailures} in a row${since}` : '';
  const advice = escapeHtml(REASONS[failure.reason]);
  return `${shown}<strong>${failure.reason}</strong> in phase ${failure.phase}${times}<br><span class="quiet">${advice}</span>`;
}

/** port ok, http broken: bottom first; what lies above a broken one is not known. */
function layers(all: NonNullable<Target['layers']>, last: NonNullable<TargetState['last']>): string {
  if (all.length === 0) return '';
  const known = new Map(layerStates(all, last));
  const items = all.map((layer) => {
    const up = known.get(layer);
    const [kind, word] = up === undefined ? ['unknown', 'not known'] : up ? ['up', 'ok'] : ['down', 'broken'];
    return `<li class="${kind}">${layer} <span class="state">${word}</span>`;
  });
  return `<ul class="layers">${items.join('')}</ul>`;
}

function closed(last: TargetState['last']): string {
  return last?.closed === undefined ? '' : `<span class="quiet">closed, as it should be (${last.closed.reason})</span>`;
}

/** What is being worked on at `now`. */
function planned({ maintenance = [] }: Target, now: number): string {
  const open = maintenanceAt(maintenance, now);
  return open === undefined ? '' : `<div>${escapeHtml(maintenanceText(open))}</div>`;
}

function because(causes: readonly string[]): string {
  return causes.length === 0 ? '' : `<br>because of <strong>${escapeHtml(causes.join(', '))}</strong>`;
}

const BAR = { width: 4, step: 5, height: 20 };

/** The outcomes as bars, the newest on the right, and in words for who does not see them. */
function strip(outcomes: readonly Outcome[]): string {
  if (outcomes.length === 0) return '';
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;
  const said = `last ${outcomes.length}: ${count('up')} up, ${count('down')} down, ${count('fault')} not probed`;
  const bars = outcomes.map((outcome, i) => {
    const height = outcome === 'up' ? BAR.height : BAR.height * 0.6;
    return `<rect class="${outcome}" x="${(50 - outcomes.length + i) * BAR.step}" y="${BAR.height - height}" width="${BAR.width}" height="${height}"/>`;
  });
  return `<svg class="strip" role="img" aria-label="${said}" viewBox="0 0 250 20" preserveAspectRatio="none">${bars.join('')}</svg>`;
}

function details(row: Row, causes: readonly string[], probe: string): string {
  const { target, state } = row;
  const id = idOf(row);
  const items = facts(target, state, causes).map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  const name = escapeHtml(target.name);
  return `<details id="${id}"><summary id="${id}-s">Details<span class="unseen"> of ${name}</span></summary><dl>${items.join('')}</dl><a class="probe" id="${id}-p" rel="nofollow" href="${escapeHtml(probe)}">Probe now<span class="unseen">: ${name}</span></a></details>`;
}

/** 2026-11-28 03:00:05 UTC */
function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function facts(target: Target, { last, lastSuccessAt }: TargetState, causes: readonly string[]): [string, string][] {
  const phases = PHASES.flatMap((phase) => {
    const took = last?.phases[phase];
    return took === undefined ? [] : [`${phase} ${formatLatency(took)}`];
  });
  const labels = Object.entries(target.labels).map(([key, value]) => `${key}=${value}`);
  const all: readonly (readonly [string, string | undefined])[] = [
    ['phases', phases.join(', ')],
    ['address', last?.address?.text],
    ['detail', last?.failure?.detail],
    ['says', [last?.service?.version, last?.service?.state].filter((part) => part).join(', ')],
    ['TLS', last?.tls && `${last.tls.version}, ${last.tls.certificate?.subject ?? 'no certificate'}`],
    ['last up', lastSuccessAt === undefined ? undefined : moment(lastSuccessAt)],
    ['needs', target.dependsOn.join(', ')],
    ['because of', causes.join(', ')],
    [
      'checked',
      `every ${target.intervalMs / 1000} s, down after ${counted(target.failures, 'failure')}, ${target.severity}`,
    ],
    ['labels', labels.join(', ')],
  ];
  return all.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value] as [string, string]],
  );
}
