import { request } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import type { WebConfig } from '../../src/config/web-config.ts';
import { createLogger } from '../../src/core/log.ts';
import { Guard, type GuardOptions } from '../../src/http/guard.ts';
import type { Login, Verdict } from '../../src/http/passwords.ts';
import { listen } from '../../src/http/server.ts';

const USERS = new Map([['anna', 'a hash']]);
const login = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const WRONG = { status: 401, body: 'user and password are missing or wrong\n' };

/** A guarded server that says what it was asked for; passwords are right when they are "right". */
async function guarded(config: Partial<WebConfig>, overrides: Partial<GuardOptions> = {}) {
  let current: WebConfig = { users: new Map(), headers: {}, ...config };
  let now = 0;
  const logins: Login[] = [];
  const logged: string[] = [];
  const handled: string[] = [];
  const judge = (_: unknown, given: Login): Verdict | Promise<Verdict> => {
    logins.push(given);
    return given.password === 'busy' ? 'busy' : given.password === 'right' ? 'right' : Promise.resolve('wrong');
  };
  const guard = new Guard(
    (asked, response) => {
      handled.push(asked.url ?? '');
      response.end('handled');
    },
    {
      web: {
        get current() {
          return current;
        },
        fresh: () => undefined,
      },
      passwords: { judge },
      log: createLogger({ level: 'info', format: 'logfmt', write: (line) => logged.push(line), now: () => 0 }),
      now: () => now,
      ...overrides,
    },
  );
  const server = await listen(guard.listener, { host: '127.0.0.1', port: 0 });
  const url = `http://${server.address}`;
  return {
    url,
    logins,
    logged,
    handled,
    use: (changes: Partial<WebConfig>) => {
      current = { ...current, ...changes };
    },
    later: (ms: number) => {
      now += ms;
    },
    get: async (path: string, headers: Record<string, string> = {}, init: RequestInit = {}) => {
      const response = await fetch(url + path, { headers: { connection: 'close', ...headers }, ...init });
      return { status: response.status, body: await response.text(), headers: response.headers };
    },
    [Symbol.asyncDispose]: () => server.close(0),
  };
}

describe('without users', () => {
  it('everything passes, whatever login it brings', async () => {
    await using server = await guarded({});
    expect(await server.get('/')).toMatchObject({ status: 200, body: 'handled' });
    expect((await server.get('/', login('anna:wrong'))).status).toBe(200);
    expect(server.logins).toEqual([]);
  });
});

describe('with users', () => {
  it.each(['/', '/metrics', '/-/healthy', '/nowhere'])('%s needs user and password', async (path) => {
    await using server = await guarded({ users: USERS });
    const refused = await server.get(path);
    expect(refused).toMatchObject(WRONG);
    expect(refused.headers.get('www-authenticate')).toBe('Basic realm="port-exporter", charset="UTF-8"');
    expect(await server.get(path, login('anna:wrong'))).toMatchObject(WRONG);
    expect(server.handled).toEqual([]);
    expect(await server.get(path, login('anna:right'))).toMatchObject({ status: 200 });
  });

  it.each([
    ['Basic YW5uYTpyaWdodA==', { user: 'anna', password: 'right' }],
    ['bAsIc   YW5uYTpyaWdodA==', { user: 'anna', password: 'right' }],
    ['Basic OnJpZ2h0', { user: '', password: 'right' }],
    ['Basic YW5uYTpyaWc6aHQ=', { user: 'anna', password: 'rig:ht' }],
    ['Basic YW5uYTpww6Q=', { user: 'anna', password: 'pä' }],
    ['Basic YW5uYTpw5A==', { user: 'anna', password: 'pä' }],
    ['Basic YW5uYQ==', undefined],
    ['Basic', undefined],
    ['Basic ', undefined],
    ['Basic !!!!', undefined],
    ['Bearer YW5uYTpyaWdodA==', undefined],
    ['BasicYW5uYTpyaWdodA==', undefined],
  ])('the header "%s" is read as %o', async (authorization, expected) => {
    await using server = await guarded({ users: USERS });
    await server.get('/', { authorization });
    expect(server.logins).toEqual(expected === undefined ? [] : [expected]);
  });

  it('a wrong password is logged once a minute, without it', async () => {
    await using server = await guarded({ users: USERS });
    for (const password of ['guess1', 'guess2', 'guess3']) await server.get('/', login(`anna:${password}`));
    server.later(60_000);
    await server.get('/', login('anna:guess4'));
    expect(server.logged.map((line) => line.replace(/^time=\S+ level=warn /, ''))).toEqual([
      'msg="a login was refused: user or password is wrong" client=127.0.0.1\n',
      'msg="a login was refused: user or password is wrong" client=127.0.0.1 before=2\n',
    ]);
  });

  it('who comes when too many log in is to come again', async () => {
    await using server = await guarded({ users: USERS });
    const refused = await server.get('/', login('anna:busy'));
    expect(refused).toMatchObject({ status: 503, body: 'too many logins at once: try again\n' });
    expect(refused.headers.get('retry-after')).toBe('1');
  });

  it('nobody waits for a comparison that does not end', async () => {
    const passwords = { judge: () => new Promise<Verdict>(() => undefined) };
    await using server = await guarded({ users: USERS }, { passwords, patienceMs: 20 });
    expect((await server.get('/', login('anna:right'))).status).toBe(503);
  });

  it('a route with a login of its own is left to it', async () => {
    await using server = await guarded({ users: USERS }, { hasOwnLogin: ({ url }) => url === '/alertmanager' });
    expect((await server.get('/alertmanager', { authorization: 'Bearer x' })).status).toBe(200);
    expect((await server.get('/metrics', { authorization: 'Bearer x' })).status).toBe(401);
  });

  it('a client that has gone while it waited causes nothing', async () => {
    let decide = (_: Verdict) => {};
    const judge = () =>
      new Promise<Verdict>((resolve) => {
        decide = resolve;
      });
    const judged = vi.fn(judge);
    await using server = await guarded({ users: USERS }, { passwords: { judge: judged } });
    const asked = request(server.url, { headers: login('anna:right'), agent: false }).on('error', () => undefined);
    asked.end();
    await vi.waitFor(() => expect(judged).toHaveBeenCalled());
    await new Promise((resolve) => asked.once('close', resolve).destroy());
    // The server hears of it before it answers somebody who comes later.
    const other = server.get('/', login('anna:right'));
    await vi.waitFor(() => expect(judged).toHaveBeenCalledTimes(2));
    decide('wrong');
    expect((await other).status).toBe(401);
    expect(server.handled).toEqual([]);
  });

  it('the body of a refused request is not waited for', async () => {
    await using server = await guarded({ users: USERS });
    const asked = request(server.url, { method: 'POST', headers: { 'content-length': '1000000' }, agent: false });
    asked.write('x');
    const answered = new Promise<number | undefined>((resolve) =>
      asked.on('response', (response) => resolve(response.resume().statusCode)),
    );
    expect(await answered).toBe(401);
    await new Promise((resolve) => asked.on('error', () => undefined).once('close', resolve));
  });
});

describe('headers', () => {
  it('are in every answer, refusals included', async () => {
    const headers = { 'X-Frame-Options': 'deny', 'Strict-Transport-Security': 'max-age=1' };
    await using server = await guarded({ users: USERS, headers });
    for (const password of ['right', 'wrong']) {
      const answer = await server.get('/', login(`anna:${password}`));
      expect(answer.headers.get('x-frame-options')).toBe('deny');
      expect(answer.headers.get('strict-transport-security')).toBe('max-age=1');
    }
  });
});

describe('a rate limit', () => {
  it('lets a burst pass, and one request each interval', async () => {
    await using server = await guarded({ rateLimit: { burst: 2, intervalMs: 5000 } });
    const statuses = async (count: number) => {
      const found: number[] = [];
      for (let i = 0; i < count; i++) found.push((await server.get('/')).status);
      return found;
    };
    expect(await statuses(3)).toEqual([200, 200, 429]);
    server.later(4999);
    expect(await statuses(1)).toEqual([429]);
    server.later(1);
    expect(await statuses(2)).toEqual([200, 429]);
    server.later(3_600_000);
    expect(await statuses(3)).toEqual([200, 200, 429]);
  });

  it('says when to come again, and comes before passwords', async () => {
    await using server = await guarded({ users: USERS, rateLimit: { burst: 0, intervalMs: 2500 } });
    const refused = await server.get('/', login('anna:right'));
    expect(refused).toMatchObject({
      status: 429,
      body: 'too many requests: see rate_limit in the web configuration\n',
    });
    expect(refused.headers.get('retry-after')).toBe('3');
    expect(server.logins).toEqual([]);
  });

  it('that changes begins anew, one that stays does not', async () => {
    await using server = await guarded({ rateLimit: { burst: 1, intervalMs: 5000 } });
    expect((await server.get('/')).status).toBe(200);
    server.use({ rateLimit: { burst: 1, intervalMs: 5000 } });
    expect((await server.get('/')).status).toBe(429);
    server.use({ rateLimit: { burst: 1, intervalMs: 6000 } });
    expect((await server.get('/')).status).toBe(200);
  });
});
