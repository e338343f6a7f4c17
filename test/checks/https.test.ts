import { createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { http, https } from '../../src/checks/http.ts';
import { HTTP_FAMILIES, HTTP_FAMILY_LIST } from '../../src/checks/http-families.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { renderOne } from '../../src/exposition/fleet.ts';
import type { TlsSpec } from '../../src/probe/spec.ts';
import { type Visit, visit } from '../helpers/checks.ts';
import { SELF_SIGNED, trusting } from '../helpers/line-server.ts';
import { probeWith } from '../helpers/modules.ts';
import { closedPort, listenOn } from '../helpers/peers.ts';
import { type Page, redirect, webServer } from '../helpers/web-server.ts';
import { spec } from '../helpers/world.ts';

const VERIFYING: TlsSpec = { how: 'direct', judge: 'all' };

async function look(page: Page, how: Partial<Visit> = {}, world = trusting()): Promise<ProbeResult> {
  await using server = await webServer({ '/': page }, 'self-signed');
  return await visit(server.url, { tls: VERIFYING, ...how }, world);
}

/** Every sample of HTTP's families, as /probe shows them; times as whether there are any. */
function exposed(result: ProbeResult, check: unknown = http): Record<string, number> {
  const use = { check: check as never, options: {} };
  const text = renderOne({ result, spec: spec({ host: 'h', port: 1 }, { use }) }, 'text');
  const lines = text.matchAll(/^(probe_(?:http|failed)_\S+) (\S+)$/gm);
  return Object.fromEntries(Array.from(lines, ([, name = '', value]) => [name.replace(/^probe_/, ''), Number(value)]));
}

const DURATION = /^http_duration_seconds\{phase="(\w+)"\}$/;

function durations(shown: Record<string, number>): Record<string, number> {
  const found = Object.entries(shown).flatMap(([name, value]) => {
    const phase = DURATION.exec(name)?.[1];
    return phase === undefined ? [] : [[phase, value] as const];
  });
  return Object.fromEntries(found);
}

function others(shown: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(shown).filter(([name]) => !DURATION.test(name)));
}

describe('https', () => {
  test.each([
    ['HTTP/2, where the server agrees to it', {}, 2],
    ['HTTP/1.1, where the options want that', { http2: false }, 1.1],
  ])('speaks %s', async (_, options, version) => {
    const result = await look('hello', { options: { contains: 'hello', ...options } });
    expect(result.failure).toBeUndefined();
    expect(result.tls).toMatchObject({ version: 'TLS 1.3' });
    expect(others(exposed(result))).toMatchObject({ http_version: version, http_ssl: 1, http_status_code: 200 });
  });

  test('speaks HTTP/1.1 to a server that agrees to nothing', async () => {
    const server = createServer(SELF_SIGNED, (socket) => {
      socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    });
    const address = `https://localhost:${await listenOn(server)}`;
    const result = await visit(address, { tls: VERIFYING, options: { contains: 'hello' } }, trusting());
    server.close();
    expect(result.failure).toBeUndefined();
  });

  test('is told by garbage behind an agreement to HTTP/2', async () => {
    const server = createServer({ ...SELF_SIGNED, ALPNProtocols: ['h2'] }, (socket) => {
      socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    });
    const { failure } = await visit(`https://localhost:${await listenOn(server)}`, { tls: VERIFYING }, trusting());
    server.close();
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  });

  test.each<[string, string, Partial<Visit>, object]>([
    ['self-signed', 'localhost', {}, { reason: 'tls_certificate_untrusted', phase: 'tls' }],
    ['expired', 'localhost', {}, { reason: 'tls_certificate_expired', phase: 'tls' }],
  ])('tells a certificate that is %s', async (certificate, _, how, expected) => {
    await using server = await webServer({ '/': 'hello' }, certificate as 'expired');
    const { failure, tls } = await visit(server.url, { tls: VERIFYING, ...how });
    expect(failure).toMatchObject(expected);
    expect(tls?.certificate?.earliestExpiry).toBeGreaterThan(0);
    expect(server.heard).toEqual([]);
  });

  test('tells a certificate for another name, unless the header Host says which', async () => {
    await using server = await webServer({ '/': 'hello' }, 'self-signed');
    const address = `https://127.0.0.1:${server.port}`;
    const { failure } = await visit(address, { tls: VERIFYING }, trusting());
    expect(failure).toMatchObject({ reason: 'tls_hostname_mismatch', phase: 'tls' });
    const named = { options: { headers: { Host: 'db.test:443' } } };
    expect((await visit(address, { tls: VERIFYING, ...named }, trusting())).failure).toBeUndefined();
  });

  test('tells a server that speaks no TLS', async () => {
    await using server = await webServer({ '/': 'hello' });
    const { failure } = await visit(`https://127.0.0.1:${server.port}`, { tls: VERIFYING });
    expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'tls' });
  });

  test('is told by a web server that wants TLS', async () => {
    await using server = await webServer({ '/': 'hello' }, 'self-signed');
    const { failure } = await visit(`http://127.0.0.1:${server.port}`, {});
    expect(failure?.phase).toBe('handshake');
    expect(['unexpected_response', 'closed_early', 'http_status']).toContain(failure?.reason);
  });
});

describe('the metrics of HTTP', () => {
  test('of an answer', async () => {
    await using server = await webServer({
      '/': [200, { 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT', 'content-length': '5' }, 'hello'],
    });
    const result = await visit(server.url, {});
    expect(others(exposed(result))).toEqual({
      ...{ http_content_length: 5, http_uncompressed_body_length: 5, http_redirects: 0, http_ssl: 0 },
      ...{ http_status_code: 200, http_version: 1.1, http_last_modified_timestamp_seconds: 1_445_412_480 },
      ...{ failed_due_to_regex: 0, failed_due_to_cel: 0 },
    });
  });

  test.each([
    [{ contains: 'x' }, { failed_due_to_regex: 1, failed_due_to_cel: 0 }],
    [{ not_matches: 'l+' }, { failed_due_to_regex: 1, failed_due_to_cel: 0 }],
    [{ json: 'body.a == 1' }, { failed_due_to_regex: 0, failed_due_to_cel: 1 }],
    [{ status: 404 }, { failed_due_to_regex: 0, failed_due_to_cel: 0 }],
  ])('say what it failed for: %j', async (options, expected) => {
    await using server = await webServer({ '/': 'hello' });
    expect(exposed(await visit(server.url, { options }))).toMatchObject(expected);
  });

  test('are there without an answer, too', async () => {
    const result = await visit(`http://127.0.0.1:${await closedPort()}`, {});
    const shown = exposed(result);
    expect(durations(shown)).toEqual({ resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 });
    expect(new Set(Object.values(others(shown)))).toEqual(new Set([0]));
    const names = HTTP_FAMILY_LIST.map(({ name }) => name).filter((name) => name !== HTTP_FAMILIES.lastModified);
    const families = new Set(Object.keys(shown).map((name) => `probe_${name.replace(/\{.*/, '')}`));
    expect(families).toEqual(new Set(names));
  });

  test('are the same for https', () => {
    expect(https.families).toBe(http.families);
    expect(https.report).toBe(http.report);
  });

  test('add up the phases of all redirects, and no more than the probe took', async () => {
    const slow: Page = (_, response) => {
      response.writeHead(200).write('a', () => setTimeout(() => response.end('b'), 60));
    };
    await using last = await webServer({ '/': slow }, 'self-signed');
    const late: Page = (_, response) => {
      setTimeout(() => response.writeHead(302, { location: last.url }).end(), 60);
    };
    await using middle = await webServer({ '/': late }, 'self-signed');
    await using first = await webServer({ '/': redirect(middle.url) });
    const result = await probeWith({ prober: 'http', http: { preferred_ip_protocol: 'ip4' } }, first.port, {
      host: 'localhost',
      world: trusting(),
    });
    expect(result.failure).toBeUndefined();
    const took = durations(exposed(result));
    expect(took['processing']).toBeGreaterThan(0.05);
    expect(took['transfer']).toBeGreaterThan(0.05);
    for (const phase of ['resolve', 'connect', 'tls']) expect(took[phase]).toBeGreaterThan(0);
    const sum = Object.values(took).reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(result.durationMs / 1000 + 0.001);
    expect(result.phases).toEqual({
      resolve: expect.any(Number),
      connect: expect.any(Number),
      handshake: expect.any(Number),
    });
  });
});
