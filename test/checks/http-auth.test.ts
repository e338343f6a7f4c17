import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProbeResult } from '../../src/core/result.ts';
import { visit } from '../helpers/checks.ts';
import { endless } from '../helpers/hostile-peers.ts';
import { probeWith } from '../helpers/modules.ts';
import { closedPort, type Peer, peer } from '../helpers/peers.ts';
import { type Page, type WebServer, webServer } from '../helpers/web-server.ts';
import { testWorld } from '../helpers/world.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'port-exporter-auth-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

let count = 0;

/** A file of the test's own with that in it. */
function file(content: string): string {
  count++;
  const name = join(directory, `secret${count}`);
  writeFileSync(name, content);
  return name;
}

function told({ failure }: ProbeResult): string {
  return failure === undefined ? 'up' : `${failure.reason} in ${failure.phase}: ${failure.detail}`;
}

/** Answers whoever says that he is this one. */
const onlyFor =
  (who: string): Page =>
  (request, response) =>
    response.writeHead(request.headers.authorization === who ? 200 : 401).end();

const BASIC = `Basic ${Buffer.from('me:pa:ss wörd').toString('base64')}`;

describe('who asks', () => {
  test.each<[string, () => object, string]>([
    ['a user', () => ({ username: 'me', password_file: file('pa:ss wörd\n') }), BASIC],
    ['a token', () => ({ bearer_token_file: file('  t0ken\r\n') }), 'Bearer t0ken'],
    ['a header', () => ({ headers: { authorization: 'Digest x' } }), 'Digest x'],
  ])('is %s', async (_, options, who) => {
    await using server = await webServer({ '/': onlyFor(who) });
    expect(told(await visit(server.url, { options: options() }))).toBe('up');
    expect(told(await visit(server.url, {}))).toMatch(/^http_status .*answered 401/);
  });

  test('is read anew for each probe', async () => {
    await using server = await webServer({ '/': onlyFor('Bearer new') });
    const bearer = file('old');
    expect(told(await visit(server.url, { options: { bearer_token_file: bearer } }))).toMatch(/^http_status /);
    writeFileSync(bearer, 'new');
    expect(told(await visit(server.url, { options: { bearer_token_file: bearer } }))).toBe('up');
  });

  test.each<[string, () => string, string]>([
    ['is not there', () => join(directory, 'none'), 'cannot read the credentials FILE: there is no such file'],
    ['is a directory', () => directory, 'cannot read the credentials FILE: it is a directory'],
    ['is no file', () => '/dev/zero', 'cannot read the credentials FILE: it is no file'],
    ['is empty', () => file(' \n'), 'the credentials FILE is empty'],
    ['has two lines', () => file('hunter2\nhunter3'), 'the credentials FILE must be one line of text'],
    [
      'is too long',
      () => file('hunter2'.repeat(10_000)),
      'cannot read the credentials FILE: it is larger than 65536 bytes',
    ],
    ['cannot be part of a header', () => file('hunter2 €'), 'Invalid character in header content ["Authorization"]'],
  ])('is not known where the file %s: our own fault', async (_, name, detail) => {
    await using server = await webServer({ '/': 'hello' });
    const bearer = name();
    const outcome = told(await visit(server.url, { options: { bearer_token_file: bearer } }));
    expect(outcome).toBe(`exporter_error in handshake: ${detail.replace('FILE', bearer)}`);
    expect(server.heard).toEqual([]);
  });

  test('may be asked for in a body from a file', async () => {
    await using server = await webServer({ '/': 'hello' });
    const [there, none] = [file('a\nb'), join(directory, 'none')];
    expect(told(await visit(server.url, { options: { body_file: there } }))).toBe('up');
    expect(server.heard).toMatchObject([{ method: 'POST', body: 'a\nb' }]);
    expect(told(await visit(server.url, { options: { body_file: none } }))).toBe(
      `exporter_error in handshake: cannot read the body ${none}: there is no such file`,
    );
  });
});

/** Asks a target for which a token is needed, as often as is said. */
async function withToken(
  tokens: { readonly port: number },
  target: WebServer,
  {
    url = `http://127.0.0.1:${tokens.port}/token`,
    secret = () => file('s3cret'),
    world = testWorld(),
    times = 1,
    timeoutMs = 3000,
  } = {},
): Promise<ProbeResult> {
  const oauth2 = {
    ...{ client_id: 'me', client_secret_file: secret(), token_url: url },
    ...{ scopes: ['a', 'b'], endpoint_params: { audience: 'x y' } },
  };
  const module = { prober: 'http', http: { preferred_ip_protocol: 'ip4', oauth2 } };
  let result = await probeWith(module, target.port, { world, timeoutMs });
  for (let i = 1; i < times; i++) result = await probeWith(module, target.port, { world, timeoutMs });
  return result;
}

const token = (more: object = { expires_in: 3600 }): Page => [200, {}, JSON.stringify({ access_token: 'T', ...more })];

describe('a token', () => {
  test('is fetched by the client credentials grant, and used until it is over', async () => {
    await using tokens = await webServer({ '/token': token() });
    await using target = await webServer({ '/': onlyFor('Bearer T') });
    const result = await withToken(tokens, target, { times: 3 });
    expect(told(result)).toBe('up');
    expect(target.heard).toHaveLength(3);
    expect(tokens.heard).toHaveLength(1);
  });

  test('is asked for with who we are', async () => {
    await using tokens = await webServer({ '/token': token() });
    await using target = await webServer({ '/': onlyFor('Bearer T') });
    const { phases } = await withToken(tokens, target);
    expect(tokens.heard).toMatchObject([
      {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('me:s3cret').toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: 'grant_type=client_credentials&audience=x+y&scope=a+b',
      },
    ]);
    expect(phases).toEqual({ connect: expect.any(Number), handshake: expect.any(Number) });
  });

  test.each<[string, object, number]>([
    ['is kept while it is good', { expires_in: 3600 }, 1],
    ['is kept where its time is a text', { expires_in: '3600' }, 1],
    ['is not kept where it says nothing of its time', {}, 2],
    ['is not kept in its last seconds', { expires_in: 5 }, 2],
    ['is not kept where its time makes no sense', { expires_in: 'soon' }, 2],
  ])('%s', async (_, more, asked) => {
    await using tokens = await webServer({ '/token': token(more) });
    await using target = await webServer({ '/': onlyFor('Bearer T') });
    const secret = file('s3cret');
    expect(told(await withToken(tokens, target, { times: 2, secret: () => secret }))).toBe('up');
    expect(tokens.heard).toHaveLength(asked);
  });

  test('is fetched anew once the target has refused it', async () => {
    await using tokens = await webServer({ '/token': token() });
    await using target = await webServer({ '/': 401 });
    const secret = file('s3cret');
    expect(told(await withToken(tokens, target, { times: 2, secret: () => secret }))).toMatch(/^http_status /);
    expect(tokens.heard).toHaveLength(2);
  });

  test.each<[string, Page, string | RegExp]>([
    ['who we are is refused', [401, {}, '{"error":"invalid_client"}'], 'it answered 401 "invalid_client"'],
    ['the server is broken', [500, {}, '<html>'], 'it answered 500 ""'],
    ['it sends elsewhere', [302, { location: '/' }], 'it answered 302 ""'],
    ['its answer is no JSON', 'T', 'its answer has no access_token'],
    ['its answer is a list', '["T"]', 'its answer has no access_token'],
    ['there is none', '{"token":"T"}', 'its answer has no access_token'],
    ['it is no text', '{"access_token":5}', 'its answer has no access_token'],
    ['it has a line feed', '{"access_token":"T\\r\\nX-A: b"}', 'its answer has no access_token'],
    ['its answer is too long', `{"access_token":"${'x'.repeat(70_000)}"}`, 'the body is longer than 65536 bytes'],
  ])('is not there when %s: that is not the fault of the target', async (_, page, detail) => {
    await using tokens = await webServer({ '/token': page });
    await using target = await webServer({ '/': 'hello' });
    const where = `127.0.0.1:${tokens.port}/token`;
    expect(told(await withToken(tokens, target))).toBe(
      `exporter_error in handshake: no token from ${where}: ${detail}`,
    );
    expect(target.heard).toEqual([]);
  });

  test('is not there when nobody, or nobody in his right mind, gives one', async () => {
    await using target = await webServer({ '/': 'hello' });
    const port = await closedPort();
    expect(told(await withToken({ port }, target))).toMatch(/^exporter_error in connect: no token from .*ECONNREFUSED/);
    await using rude: Peer = await peer((socket) => socket.end());
    expect(told(await withToken(rude, target))).toMatch(/^exporter_error in handshake: no token from .*hung up/);
    await using silent: Peer = await peer();
    expect(told(await withToken(silent, target, { timeoutMs: 300 }))).toBe(
      `exporter_error in handshake: no token from 127.0.0.1:${silent.port}/token in time`,
    );
    await using loud: Peer = await peer(endless(0x61, 16_384));
    expect(told(await withToken(loud, target))).toMatch(/^exporter_error in handshake: no token from .*no HTTP answer/);
    await using secure = await webServer({ '/token': token() }, 'self-signed');
    const url = `https://me:hunter2@localhost:${secure.port}/token?x=hunter2`;
    expect(told(await withToken(secure, target, { url }))).toMatch(
      /^exporter_error in tls: no token from localhost:\d+\/token: certificate not accepted/,
    );
  });

  test('is not there when we do not know who we are', async () => {
    await using tokens = await webServer({ '/token': token() });
    await using target = await webServer({ '/': 'hello' });
    const none = join(directory, 'none');
    expect(told(await withToken(tokens, target, { secret: () => none }))).toMatch(
      new RegExp(`^exporter_error in handshake: no token from .*: cannot read the client secret ${none}: there is no`),
    );
  });
});
