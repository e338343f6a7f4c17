import type { IncomingMessage, RequestListener } from 'node:http';
import type { Problem } from '../config/config.ts';
import { WebStore } from '../config/web-store.ts';
import type { Logger } from '../core/log.ts';
import { Guard } from '../http/guard.ts';
import { PasswordHasher } from '../http/password-hasher.ts';
import { Passwords } from '../http/passwords.ts';
import { Seldom } from '../http/seldom.ts';
import type { TlsSource } from '../http/server.ts';
import { systemClock } from '../net/clock.ts';

/** How the web side is protected: what stands before the routes, and TLS before that. */
export type WebSide = {
  readonly problems: readonly Problem[];
  readonly guarded: (handler: RequestListener, hasOwnLogin?: (request: IncomingMessage) => boolean) => RequestListener;
  readonly tls: TlsSource | undefined;
};

/** What is there without a file: nothing. */
const OPEN: WebSide = {
  problems: [],
  guarded: (handler) => handler,
  tls: undefined,
};

const HASHING = new URL('../http/password-worker.js', import.meta.url);

/** Reads what --web.config.file names. With problems it protects nothing, and is not to be used. */
export async function openWebSide(file: string | undefined, log: Logger): Promise<WebSide> {
  if (file === undefined) return OPEN;
  const { now } = systemClock;
  const web = new WebStore({ file, log, now });
  const problems = await web.load();
  if (problems.length > 0) return { ...OPEN, problems };
  const failing = new Seldom('passwords cannot be compared', log, now);
  const failed = (error: unknown) => failing.say({ error: String(error) });
  const passwords = new Passwords({ compare: new PasswordHasher(HASHING).compare, failed });
  return {
    problems,
    guarded: (handler, hasOwnLogin) =>
      new Guard(handler, { web, passwords, log, now, ...(hasOwnLogin && { hasOwnLogin }) }).listener,
    tls: tlsOf(web, log, now),
  };
}

/** Whether it is spoken does not change while the program runs: the store sees to that. */
function tlsOf(web: WebStore, log: Logger, now: () => number): TlsSource | undefined {
  const { tls } = web.current;
  if (tls === undefined) return undefined;
  const refused = new Seldom('a client was refused by TLS', log, now);
  return {
    fresh: () => web.fresh(),
    current: () => web.current.tls ?? tls,
    refused: (client, why) => refused.say({ client, why }, why),
  };
}
