import { counted } from '../core/counted.ts';
import type { Path } from './path.ts';
import type { Report, Warn } from './problems.ts';
import { kind, show } from './wording.ts';

/** Version, cost, salt and hash. Source: crypt(5), bcrypt. */
const HASH = /^\$2[abxy]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const LEAST_COST = 4;
const MOST_COST = 31;
/** Each step doubles the work: with 15 every new password takes three seconds here. */
const HIGH_COST = 14;

const MAKE_ONE = 'make one with: htpasswd -nBC 10 NAME';

/** The cost of a bcrypt hash, from 4 to 31; undefined when it is none. */
export function bcryptCost(hash: string): number | undefined {
  const cost = Number(HASH.exec(hash)?.[1]);
  return cost >= LEAST_COST && cost <= MOST_COST ? cost : undefined;
}

/** The users and the hashes of their passwords. No message has what was written: it may be the password itself. */
export function readUsers(value: unknown, path: Path, report: Report, warn: Warn): ReadonlyMap<string, string> {
  if (value === undefined || value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value) || Buffer.isBuffer(value)) {
    report({ path, message: `must be a mapping of users to the bcrypt hashes of their passwords, not ${kind(value)}` });
    return new Map();
  }
  const users = new Map<string, string>();
  for (const [user, hash] of Object.entries(value)) {
    const cost = typeof hash === 'string' ? bcryptCost(hash) : undefined;
    if (cost === undefined)
      report({ path: [...path, user], message: `is no bcrypt hash ($2y$10$ and 53 characters): ${MAKE_ONE}` });
    else users.set(user, String(hash));
    warnOf(user, cost ?? 0, warn);
  }
  return users;
}

function warnOf(user: string, cost: number, warn: Warn): void {
  if (user.includes(':')) warn(`user ${show(user)} cannot log in: the name ends at the first colon`);
  if (cost > HIGH_COST)
    warn(
      `the hash of user ${show(user)} has cost ${cost}: the first request with a password takes about ${workOf(cost)}, 10 is usual`,
    );
}

/** Roughly, as 80 ms double with each step from 10 on. */
function workOf(cost: number): string {
  const seconds = 0.08 * 2 ** (cost - 10);
  if (seconds < 120) return counted(Math.round(seconds), 'second');
  return seconds < 7200 ? counted(Math.round(seconds / 60), 'minute') : counted(Math.round(seconds / 3600), 'hour');
}
