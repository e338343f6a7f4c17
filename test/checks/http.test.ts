import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Visit, visit } from '../helpers/checks.ts';
import { endless } from '../helpers/hostile-peers.ts';
import { probeWith } from '../helpers/modules.ts';
import { peer } from '../helpers/peers.ts';
import { type Page, webServer } from '../helpers/web-server.ts';

/** Visits a server that answers so, at its root: "up", or the reason, the phase and the words, the address of the server put as HOST. */
async function verdict(page: Page, options: unknown = {}, how: Partial<Visit> = {}): Promise<string> {
  await using server = await webServer({ '/': page });
  const { failure } = await visit(server.url, { options, ...how });
  return failure === undefined ? 'up' : said(failure, server.port);
}

function said({ reason, phase, detail }: { reason: string; phase: string; detail: string }, port: number): string {
  return `${reason} in ${phase}: ${detail.replaceAll(`127.0.0.1:${port}`, 'HOST')}`;
}

describe('a status', () => {
  test.each<[number, unknown, string]>([
    [200, {}, 'up'],
    [204, {}, 'up'],
    [299, {}, 'up'],
    [304, {}, 'http_status in handshake: HOST answered 304; expected 2xx'],
    [404, {}, 'http_status in handshake: HOST answered 404; expected 2xx'],
    [500, {}, 'http_status in handshake: HOST answered 500; expected 2xx'],
    [999, {}, 'http_status in handshake: HOST answered 999; expected 2xx'],
    [404, { status: 404 }, 'up'],
    [404, { status: '404' }, 'up'],
    [503, { status: ['2xx', '5xx'] }, 'up'],
    [200, { status: 404 }, 'http_status in handshake: HOST answered 200; expected 404'],
    [
      200,
      { status: [401, '3XX', 401, 403] },
      'http_status in handshake: HOST answered 200; expected 3xx or 401 or 403',
    ],
    [500, { status: ['2xx', 200] }, 'http_status in handshake: HOST answered 500; expected 2xx'],
    [
      500,
      { status: Array.from({ length: 11 }, (_, i) => 201 + i) },
      'http_status in handshake: HOST answered 500; expected 201 or 202 or 203 or 204 or 205 or 206 or 207 or 208 or 209 or 210 or others',
    ],
  ])('%i with %j', async (status, options, expected) => {
    expect(await verdict(status, options)).toBe(expected);
  });

  test('of a redirect that is not followed says where to', async () => {
    const page: Page = [302, { location: '/login' }, 'elsewhere'];
    expect(await verdict(page, { follow_redirects: false })).toBe(
      'http_status in handshake: HOST answered 302, to "/login"; expected 2xx',
    );
    expect(await verdict(page, { follow_redirects: false, status: '3xx', contains: 'elsewhere' })).toBe('up');
  });

  test('that will not do is told also where the body never ends, or breaks off', async () => {
    const forever: Page = (_, response) => void response.writeHead(500).write('half');
    const short: Page = (_, response) => {
      response.writeHead(500, { 'content-length': 10 }).write('half', () => response.socket?.end());
    };
    expect(await verdict(forever, {}, { timeoutMs: 200 })).toMatch(/^http_status in handshake: HOST answered 500/);
    expect(await verdict(short)).toMatch(/^http_status in handshake: HOST answered 500/);
  });
});

const JSON_BODY = '{"status": "ok", "count": 3, "parts": [{"up": true}, {"up": false}]}';

describe('a body', () => {
  test.each<[string, unknown, string]>([
    ['Welcome to nginx', { contains: 'Welcome' }, 'up'],
    ['Welcome', { contains: ['Wel', 'come'] }, 'up'],
    ['Welcome', { contains: ['Wel', 'gone'] }, 'content_mismatch in handshake: the body does not contain "gone"'],
    ['Welcome', { contains: 'welcome' }, 'content_mismatch in handshake: the body does not contain "welcome"'],
    ['größer 😀', { contains: 'größer 😀' }, 'up'],
    ['Welcome', { not_contains: 'error' }, 'up'],
    ['fatal error', { not_contains: ['x', 'error'] }, 'content_mismatch in handshake: the body contains "error"'],
    ['version 1.22.1', { matches: 'version \\d+\\.' }, 'up'],
    ['version x', { matches: 'version \\d' }, 'content_mismatch in handshake: the body does not match "version \\\\d"'],
    ['WARN', { not_matches: '(?i)warn' }, 'content_mismatch in handshake: the body matches "(?i)warn"'],
    ['', { contains: 'x' }, 'content_mismatch in handshake: the body does not contain "x"'],
    [JSON_BODY, { json: 'body.status == "ok" && body.count > 2.0' }, 'up'],
    [JSON_BODY, { json: 'body.parts.exists(p, !p.up)' }, 'up'],
    [
      JSON_BODY,
      { json: 'body.parts.all(p, p.up)' },
      'content_mismatch in handshake: the body does not satisfy the CEL expression "body.parts.all(p, p.up)"',
    ],
  ])('%j with %j', async (body, options, expected) => {
    expect(await verdict(body, options)).toBe(expected);
  });

  test.each(['<html>', '', '[1', 'null'])('that is no JSON object (%j) satisfies no expression', async (body) => {
    expect(await verdict(body, { json: 'body.status == "ok"' })).toMatch(/^content_mismatch in handshake: /);
  });

  test('that is too long to be looked at is not', async () => {
    const long = 'x'.repeat(5 * 1024 * 1024);
    expect(await verdict(long)).toBe('up');
    expect(await verdict(long, { contains: 'x' })).toMatch(
      /^unexpected_response in handshake: the body is longer than/,
    );
  });

  test.each([
    ['gzip', gzipSync('Welcome')],
    ['br', brotliCompressSync('Welcome')],
  ])('may be compressed with %s, where a module says so', async (compression, body) => {
    await using server = await webServer({ '/': [200, { 'content-encoding': compression }, body] });
    const http = { compression, fail_if_body_not_matches_regexp: ['^Welcome$'] };
    const { failure, samples } = await probeWith({ prober: 'http', http }, server.port);
    expect(failure).toBeUndefined();
    expect(samples).toContainEqual({ name: 'probe_http_uncompressed_body_length', labels: {}, value: 7 });
    const wrong = await probeWith({ prober: 'http', http: { compression: 'gzip' } }, server.port);
    expect(wrong.failure?.reason).toBe(compression === 'gzip' ? undefined : 'unexpected_response');
  });

  test('of HEAD is not expected, whatever its head says', async () => {
    await using server = await webServer({ '/': [200, { 'content-length': '100' }] });
    const { failure } = await visit(server.url, { options: { method: 'HEAD' } });
    expect(failure).toBeUndefined();
    expect(server.heard).toMatchObject([{ method: 'HEAD' }]);
  });

  test('that breaks off fails the probe', async () => {
    const half: Page = (_, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('half', () => response.socket?.end());
    };
    expect(await verdict(half)).toBe('closed_early in handshake: the server hung up in the middle of its answer');
  });
});

describe('a request', () => {
  test.each<[string, unknown, object]>([
    ['/', {}, { method: 'GET', path: '/', version: '1.1', body: '' }],
    ['', { path: '/health?full=1' }, { path: '/health?full=1' }],
    ['/own?a=b', { path: '/other' }, { path: '/own?a=b' }],
    ['?a=b', {}, { path: '/?a=b' }],
    ['/a%20b', {}, { path: '/a%20b' }],
    ['/', { method: 'OPTIONS' }, { method: 'OPTIONS' }],
    ['/', { body: 'x=1' }, { method: 'POST', body: 'x=1' }],
    ['/', { body: 'x=1', method: 'PUT' }, { method: 'PUT', body: 'x=1', headers: { 'content-length': '3' } }],
    ['/', { headers: { 'X-A': 'b', Host: 'shop.example' } }, { headers: { 'x-a': 'b', host: 'shop.example' } }],
    ['/', {}, { headers: { 'user-agent': 'port-exporter', connection: 'close' } }],
    ['/', { headers: { 'user-agent': 'me' } }, { headers: { 'user-agent': 'me' } }],
    ['/', { headers: { Cookie: 'a=b' } }, { headers: { cookie: 'a=b' } }],
  ])('of %j with %j', async (path, options, expected) => {
    await using server = await webServer({});
    await visit(server.url + path, { service: 'http', options });
    expect(server.heard).toMatchObject([expected]);
    if (!('headers' in expected)) expect(server.heard[0]?.headers['host']).toBe(`127.0.0.1:${server.port}`);
  });
});

describe('time', () => {
  test('that an answer may take is kept, or told', async () => {
    const slow: Page = (_, response) => void setTimeout(() => response.end('late'), 100);
    expect(await verdict(slow, { max_response_time: '5s' })).toBe('up');
    expect(await verdict(slow, { max_response_time: '50ms' })).toMatch(
      /^too_slow in handshake: the answer took \d{2,} ms; at most 50 ms are allowed$/,
    );
  });

  test('is less important than what the answer is', async () => {
    const slow: Page = (_, response) => void setTimeout(() => response.writeHead(500).end(), 60);
    expect(await verdict(slow, { max_response_time: '1ms' })).toMatch(/^http_status /);
  });

  test.each<[string, Page]>([
    ['before its head', () => {}],
    ['within its body', (_, response) => void response.writeHead(200).write('half')],
  ])('is over %s', async (_, page) => {
    expect(await verdict(page, {}, { timeoutMs: 200 })).toBe('timeout in handshake: no answer from HOST within 200 ms');
  });

  test('is over for an answer that never ends, too', async () => {
    await using server = await peer((socket) => {
      socket.once('data', async () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        await endless(0x61, 16_384)(socket);
      });
    });
    const { failure, samples } = await visit(server.address, { service: 'http', timeoutMs: 300 });
    expect(['timeout', 'unexpected_response']).toContain(failure?.reason);
    expect(samples).toContainEqual({ name: 'probe_http_status_code', labels: {}, value: 200 });
  });
});
