import { formatEndpoint } from '../../../core/endpoint.ts';
import { causesOf } from '../../../probe/causes.ts';
import type { Outcome } from '../../../probe/history.ts';
import type { Target } from '../../../probe/spec.ts';
import type { TargetState } from '../../../probe/state.ts';
import { type Sort, STANDINGS, type Standing, type StatusQuery } from './query.ts';
import { type Order, sortInSteps } from './sort.ts';

/** One target, how it stands, and what it is down because of. */
export type Row = {
  readonly target: Target;
  readonly state: TargetState;
  readonly standing: Standing;
  readonly outcomes: () => readonly Outcome[];
};

/** How many rows there are of each kind. */
type Tally = Readonly<Record<Standing, number>>;

/** What the page shows: one page of the rows that fit the query, and how many there are of each kind. */
export type Shown = {
  readonly rows: readonly Row[];
  readonly found: number;
  readonly pages: number;
  readonly page: number;
  readonly tally: Tally;
  /** Of all rows, whatever the query. */
  readonly overall: Tally;
  readonly total: number;
  readonly groups: readonly string[];
  /** Why a target is down: the names of those that are the cause, with their reasons. */
  readonly causes: (row: Row) => readonly string[];
};

/** As many as a browser shows at once without effort. */
const PAGE_SIZE = 200;

export function standingOf({ up, last }: TargetState): Standing {
  if (last === undefined) return 'unknown';
  if (last.failure?.reason === 'exporter_error') return 'fault';
  return up ? 'up' : 'down';
}

/** As many rows as are looked at in less than a millisecond. */
const AT_ONCE = 64;

/** What a page shows of these. It yields nothing but pauses, as ten thousand rows take longer than the loop may wait. */
export function* select(all: Iterable<Row>, query: StatusQuery): Generator<'', Shown> {
  const { byName, overall, groups } = yield* survey(all);
  const { found, tally } = yield* filter(byName.values(), query);
  const sorted = yield* sortInSteps(found, ORDERS[query.sort]);
  const pages = Math.max(1, Math.ceil(sorted.length / PAGE_SIZE));
  const page = Math.min(query.page, pages);
  return {
    rows: sorted.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
    found: found.length,
    pages,
    page,
    tally,
    overall,
    total: byName.size,
    groups: yield* sortInSteps([...groups], byCodeUnits),
    causes: (row) => causes(row, byName),
  };
}

type Survey = {
  readonly byName: ReadonlyMap<string, Row>;
  readonly overall: Tally;
  readonly groups: ReadonlySet<string>;
};

function* survey(all: Iterable<Row>): Generator<'', Survey> {
  const byName = new Map<string, Row>();
  const overall = { down: 0, fault: 0, unknown: 0, up: 0 };
  const groups = new Set<string>();
  for (const row of all) {
    byName.set(row.target.name, row);
    overall[row.standing]++;
    groups.add(row.target.group);
    if (byName.size % AT_ONCE === 0) yield '';
  }
  return { byName, overall, groups };
}

type Found = { readonly found: readonly Row[]; readonly tally: Tally };

function* filter(all: Iterable<Row>, { text, group, state }: StatusQuery): Generator<'', Found> {
  const found: Row[] = [];
  const tally = { down: 0, fault: 0, unknown: 0, up: 0 };
  const wanted = text.toLowerCase();
  let seen = 0;
  for (const row of all) {
    if (++seen % AT_ONCE === 0) yield '';
    if ((group !== '' && row.target.group !== group) || !hasText(row, wanted)) continue;
    tally[row.standing]++;
    if (state === '' || row.standing === state) found.push(row);
  }
  return { found, tally };
}

function hasText({ target, state }: Row, text: string): boolean {
  if (text === '') return true;
  const { name, address, service, group, labels } = target;
  const reason = state.last?.failure?.reason ?? '';
  const named = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return [name, address, service, group, reason, ...named].some((one) => one.toLowerCase().includes(text));
}

function causes({ target, standing }: Row, byName: ReadonlyMap<string, Row>): readonly string[] {
  if (standing !== 'down') return [];
  const names = causesOf(
    target,
    (name) => byName.get(name)?.target,
    ({ name }) => byName.get(name)?.standing === 'down',
  );
  return names.map((name) => `${name} (${byName.get(name)?.state.last?.failure?.reason ?? 'down'})`);
}

/** Days until the certificate expires; absent without one. */
export function certificateDays({ last }: TargetState, now: number): number | undefined {
  const expiry = last?.tls?.certificate?.earliestExpiry;
  return expiry === undefined ? undefined : Math.floor((expiry * 1000 - now) / 86_400_000);
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** Most services and groups are the same text, which needs no collator. */
const byText = (text: (row: Row) => string): Order<Row> => {
  return (a, b) => (text(a) === text(b) ? 0 : COLLATOR.compare(text(a), text(b)));
};
const byCodeUnits: Order<string> = (a, b) => (a < b ? -1 : Number(a > b));
/** Largest first; what has no such number last. */
const byNumber = (number: (row: Row) => number | undefined, sign: 1 | -1): Order<Row> => {
  return (a, b) =>
    (number(a) ?? Number.POSITIVE_INFINITY * sign) * sign - (number(b) ?? Number.POSITIVE_INFINITY * sign) * sign;
};

const ORDERS: Readonly<Record<Sort, Order<Row>>> = {
  state: (a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing),
  name: byText(({ target }) => target.name),
  service: byText(({ target }) => target.service),
  group: byText(({ target }) => target.group),
  latency: byNumber(({ state }) => state.last?.phases.connect, -1),
  checked: byNumber(({ state }) => state.last?.startedAt, -1),
  certificate: byNumber(({ state }) => state.last?.tls?.certificate?.earliestExpiry, 1),
};

/** A short name of a row that is the same after a reload, for links and details. */
export function idOf({ target }: Row): string {
  return `t-${Buffer.from(`${target.name} ${formatEndpoint(target.spec.endpoint)}`).toString('base64url')}`;
}
