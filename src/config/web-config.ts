import type { ServerTls } from '../net/server-tls.ts';

/** So many requests at once, and one more each `intervalMs`. */
export type RateLimit = { readonly burst: number; readonly intervalMs: number };

/** How the web side is protected. Frozen: a reload makes a new one. */
export type WebConfig = {
  /** Plain HTTP without it. */
  readonly tls?: ServerTls;
  /** The bcrypt hashes of passwords by user; nobody needs to log in when there are none. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit?: RateLimit;
  /** What every answer carries. */
  readonly headers: Readonly<Record<string, string>>;
};
