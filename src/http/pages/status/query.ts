import { RequestProblem, refuseUnknown, single } from '../../services.ts';

/** How a target stands. */
export const STANDINGS = ['down', 'fault', 'unknown', 'up'] as const;
export type Standing = (typeof STANDINGS)[number];

/** What the rows may be sorted by: `state` is what needs attention first. */
const SORTS = ['state', 'name', 'service', 'group', 'latency', 'checked', 'certificate'] as const;
export type Sort = (typeof SORTS)[number];

/** Which targets the page is to show, and how. Pages count from 1. */
export type StatusQuery = {
  readonly text: string;
  readonly group: string;
  readonly state: Standing | '';
  readonly sort: Sort;
  readonly page: number;
};

const KEYS = ['q', 'group', 'state', 'sort', 'page'];
const LONGEST_TEXT = 200;

/** Reads the query of the page, where empty is as good as absent; throws RequestProblem with what would be right. */
export function readQuery(querystring: string): StatusQuery {
  const query = new URLSearchParams(querystring);
  refuseUnknown(query, KEYS, `the page takes ${KEYS.join(', ')}`);
  const read = (key: string) => single(query, key) ?? '';
  const page = read('page') || '1';
  if (!/^[1-9]\d{0,5}$/.test(page)) throw new RequestProblem(400, 'page must be a whole number of at least 1');
  return {
    text: read('q').slice(0, LONGEST_TEXT),
    group: read('group'),
    state: oneOf(read('state'), 'state', ['', ...STANDINGS]),
    sort: oneOf(read('sort') || 'state', 'sort', SORTS),
    page: Number(page),
  };
}

function oneOf<Value extends string>(text: string, key: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === text);
  if (found !== undefined) return found;
  const known = values.filter((value) => value !== '').join(', ');
  throw new RequestProblem(400, `${key}=${JSON.stringify(text.slice(0, 80))} is unknown: it must be one of ${known}`);
}

/** The query of a page that differs in that from this one, as a link: from its first page unless that says otherwise. */
export function linkTo(query: StatusQuery, change: Partial<StatusQuery>): string {
  const { text, group, state, sort, page } = { ...query, page: 1, ...change };
  const written = Object.entries({
    q: text,
    group,
    state,
    sort: sort === 'state' ? '' : sort,
    page: page === 1 ? '' : String(page),
  });
  const set = written.filter(([, value]) => value !== '');
  return set.length === 0 ? '?' : `?${new URLSearchParams(set)}`;
}
