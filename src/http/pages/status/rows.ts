import { formatEndpoint } from '../../../core/endpoint.ts';
import { causesOf } from '../../../probe/causes.ts';
import type { Outcome } from '../../../probe/history.ts';
import type { Target } from '../../../probe/spec.ts';
import type { TargetState } from '../../../probe/state.ts';
import { type Sort, STANDINGS, type Standing, type StatusQuery } from './query.ts';

/** One target, how it stands, and what it is down because of. */
export type Row = {
  readonly target: Target;
  readonly state: TargetState;
  readonly standing: Standing;
  readonly outcomes: () => readonly Outcome[];
};

/** What the page shows: one page of the rows that fit the query, and how many there are of each kind. */
export type Shown = {
  readonly rows: readonly Row[];
  readonly found: number;
  readonly pages: number;
  readonly page: number;
  readonly tally: Readonly<Record<Standing, number>>;
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

export function select(all: readonly Row[], query: StatusQuery): Shown {
  const inGroup = all.filter(({ target }) => query.group === '' || target.group === query.group);
  const named = inGroup.filter((row) => hasText(row, query.text.toLowerCase()));
  const tally = { down: 0, fault: 0, unknown: 0, up: 0 };
  for (const { standing } of named) tally[standing]++;
  const found = named.filter(({ standing }) => query.state === '' || standing === query.state);
  const sorted = found.toSorted(ORDERS[query.sort]);
  const pages = Math.max(1, Math.ceil(sorted.length / PAGE_SIZE));
  const page = Math.min(query.page, pages);
  const byName = new Map(all.map((row) => [row.target.name, row]));
  return {
    rows: sorted.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE),
    found: found.length,
    pages,
    page,
    tally,
    groups: [...new Set(all.map(({ target }) => target.group))].sort(),
    causes: (row) => causes(row, byName),
  };
}

function hasText({ target, state }: Row, text: string): boolean {
  if (text === '') return true;
  const { name, address, service, group, labels } = target;
  const reason = state.last?.failure?.reason ?? '';
  return [name, address, service, group, reason, ...Object.values(labels)].some((one) =>
    one.toLowerCase().includes(text),
  );
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

type Order = (a: Row, b: Row) => number;

const byText = (text: (row: Row) => string): Order => {
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  return (a, b) => compare(text(a), text(b));
};
/** Largest first; what has no such number last. */
const byNumber = (number: (row: Row) => number | undefined, sign: 1 | -1): Order => {
  return (a, b) =>
    (number(a) ?? Number.POSITIVE_INFINITY * sign) * sign - (number(b) ?? Number.POSITIVE_INFINITY * sign) * sign;
};

const ORDERS: Readonly<Record<Sort, Order>> = {
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
