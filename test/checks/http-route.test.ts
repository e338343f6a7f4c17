import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ProbeResult } from '../../src/core/result.ts';
import { type Visit, visit } from '../helpers/checks.ts';
import { trusting } from '../helpers/line-server.ts';
import { probeWith } from '../helpers/modules.ts';
import { blackHole, closedPort, peer } from '../helpers/peers.ts';
import { allowing } from '../helpers/policies.ts';
import { proxy } from '../helpers/proxy.ts';
import { redirect, type WebServer, webServer } from '../helpers/web-server.ts';
import { testWorld } from '../helpers/world.ts';

function told({ failure }: ProbeResult): string {
  return failure === undefined ? 'up' : `${failure.reason} in ${failure.phase}: ${failure.detail}`;
}

/** Asks a server through the proxy of that port of this machine. */
function through(port: number, server: WebServer, how: Partial<Visit> = {}, path = '/') {
  const options = { proxy_url: `http://127.0.0.1:${port}`, contains: 'hello' };
  const tls = server.url.startsWith('https:') ? { tls: {} } : {};
  return visit(server.url + path, { options, ...tls, ...how }, trusting());
}

function took({ samples = [] }: ProbeResult, phase: string): number {
  return samples.findLast(({ name, labels }) => name.includes('duration') && labels['phase'] === phase)?.value ?? 0;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('through a proxy', () => {
  test('a URL without TLS is asked for as a whole, the address known', async () => {
    await using server = await webServer({ '/a': 'hello' });
    await using between = await proxy();
    const result = await through(between.port, server, {}, '/a?b=c');
    expect(told(result)).toBe('up');
    expect(between.asked).toMatchObject([{ method: 'GET', target: `${server.url}/a?b=c` }]);
    expect(server.heard).toMatchObject([
      { path: '/a?b=c', headers: { host: `127.0.0.1:${server.port}`, via: '1.1 test' } },
    ]);
  });

  test('one in TLS is asked for within TLS, by HTTP/2 too', async () => {
    await using server = await webServer({ '/a': 'hello' }, 'self-signed');
    await using between = await proxy();
    const result = await through(between.port, server, {}, '/a');
    expect(told(result)).toBe('up');
    expect(between.asked).toMatchObject([
      { method: 'CONNECT', target: `127.0.0.1:${server.port}`, headers: { host: `127.0.0.1:${server.port}` } },
    ]);
    expect(Object.keys(between.asked[0]?.headers ?? {})).toEqual(['host']);
    expect(server.heard).toMatchObject([{ version: '2.0', path: '/a' }]);
    expect(result.tls).toMatchObject({ version: 'TLS 1.3' });
    expect(result.phases).toEqual({
      ...{ resolve: expect.any(Number), connect: expect.any(Number) },
      ...{ tls: expect.any(Number), handshake: expect.any(Number) },
    });
    // They are phases of the probe: what HTTP itself has measured comes on top of them.
    expect([took(result, 'connect'), took(result, 'tls')]).toEqual([0, 0]);
  });

  test('the phases are no longer than the probe, redirects included', async () => {
    await using last = await webServer({ '/': 'hello' }, 'self-signed');
    await using server = await webServer({ '/': redirect(last.url) });
    await using between = await proxy();
    const result = await through(between.port, server);
    expect(told(result)).toBe('up');
    expect(between.asked.map(({ method }) => method)).toEqual(['GET', 'CONNECT']);
    expect(result.phases).not.toHaveProperty('tls');
    expect(took(result, 'tls')).toBeGreaterThan(0);
    const sum = ['resolve', 'connect', 'tls', 'processing', 'transfer'].reduce(
      (all, one) => all + took(result, one),
      0,
    );
    expect(sum * 1000 + (result.phases.connect ?? 0)).toBeLessThanOrEqual(result.durationMs + 1);
  });

  test('that is spoken to in TLS itself', async () => {
    await using secure = await webServer({ '/': 'hello' }, 'self-signed');
    await using plain = await webServer({ '/': 'hello' });
    await using between = await proxy({ inTls: true });
    const options = { proxy_url: `https://localhost:${between.port}` };
    expect(told(await through(between.port, plain, { options }))).toBe('up');
    expect(told(await through(between.port, secure, { options }))).toBe('up');
    const untrusted = await visit(secure.url, { tls: {}, options });
    expect(told(untrusted)).toMatch(/^tls_certificate_untrusted in tls: proxy localhost:\d+: certificate not accepted/);
  });

  test('who we are is told to the proxy, and only to it', async () => {
    await using secure = await webServer({ '/': 'hello' }, 'self-signed');
    await using plain = await webServer({ '/': 'hello' });
    await using between = await proxy();
    const options = { proxy_url: `http://m%40e:p%25s%@127.0.0.1:${between.port}` };
    await through(between.port, secure, { options });
    await through(between.port, plain, { options });
    const who = `Basic ${Buffer.from('m@e:p%s%').toString('base64')}`;
    expect(between.asked.map(({ headers }) => headers['proxy-authorization'])).toEqual([who, who]);
    expect(JSON.stringify(secure.heard)).not.toContain('proxy-authorization');
  });

  test.each([
    ['407', 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'],
    ['403', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nforbidden'],
    ['503', 'HTTP/1.1 503 ?\r\n\r\n'],
  ])('that refuses with %s, nothing is reached', async (status, said) => {
    await using secure = await webServer({ '/': 'hello' }, 'self-signed');
    await using plain = await webServer({ '/': 'hello' });
    await using between = await proxy({ answer: () => said });
    const { port } = between;
    expect(told(await through(port, secure))).toBe(
      `unexpected_response in handshake: proxy 127.0.0.1:${port}: it answers CONNECT 127.0.0.1:${secure.port} with ${status}`,
    );
    expect(told(await through(port, plain))).toBe(
      `http_status in handshake: 127.0.0.1:${plain.port} answered ${status}; expected 2xx`,
    );
    expect([...secure.heard, ...plain.heard]).toEqual([]);
  });

  test.each([
    ['SSH-2.0-OpenSSH_9.2\r\n', /^unexpected_response in handshake: proxy HOST: no HTTP answer/],
    ['', /^closed_early in handshake: proxy HOST: the server hung up before it had answered/],
    [
      'HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH_9.2\r\n',
      /^(tls_handshake_failed|closed_early|unexpected_response) in tls: /,
    ],
  ])('that says %j, TLS is not spoken', async (said, expected) => {
    await using secure = await webServer({ '/': 'hello' }, 'self-signed');
    await using between = await proxy({ answer: () => said });
    const outcome = told(await through(between.port, secure));
    expect(outcome.replace(`127.0.0.1:${between.port}`, 'HOST')).toMatch(expected);
  });

  test('that is not there, or silent, nothing is reached, and it is said whose fault that is', async () => {
    await using server = await webServer({ '/': 'hello' });
    const port = await closedPort();
    expect(told(await through(port, server))).toBe(
      `connection_refused in connect: proxy 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    await using hole = await blackHole();
    expect(told(await through(hole.port, server, { timeoutMs: 300 }))).toBe(
      `timeout in connect: no answer from 127.0.0.1:${hole.port} within 300 ms`,
    );
    await using silent = await peer();
    expect(told(await through(silent.port, server, { timeoutMs: 300 }))).toBe(
      `timeout in handshake: no answer from ${silent.address} within 300 ms`,
    );
  });
});

describe('the target policy', () => {
  test('judges whom the proxy is asked for, and not the proxy', async () => {
    await using server = await webServer({ '/': 'hello' });
    await using between = await proxy();
    expect(told(await through(between.port, server, { policy: allowing(`127.0.0.1:${server.port}`) }))).toBe('up');
    expect(told(await through(between.port, server, { policy: allowing(`127.0.0.1:${between.port}`) }))).toMatch(
      /^policy_denied in resolve: probe\.allow does not list 127\.0\.0\.1/,
    );
  });

  test('judges where it then sends us to', async () => {
    await using other = await webServer({ '/': 'hello' });
    await using server = await webServer({ '/': redirect(other.url) });
    await using between = await proxy();
    const policy = allowing(`127.0.0.1:${server.port}`);
    expect(told(await through(between.port, server, { policy }))).toMatch(
      /^policy_denied in resolve: redirected to 127\.0\.0\.1:\d+: probe\.allow does not list/,
    );
    expect(other.heard).toEqual([]);
  });
});

/** Asks by a module, in blackbox_exporter's keys, for a host that only the proxy knows. */
async function byModule(
  http: object,
  { port, host = 'shop.test', ...how }: { port: number; host?: string; policy?: ReturnType<typeof allowing> },
) {
  const world = testWorld();
  const resolve = vi.spyOn(world.resolver, 'resolve');
  const result = await probeWith({ prober: 'http', http: { preferred_ip_protocol: 'ip4', ...http } }, port, {
    host,
    world,
    ...how,
  });
  return { outcome: told(result), phases: result.phases, lookUps: resolve.mock.calls.map(([name]) => name) };
}

describe('a module with a proxy', () => {
  const hello = { answer: () => 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello' };

  test('looks the target up, and tells the proxy its address', async () => {
    await using between = await proxy(hello);
    const http = { proxy_url: `http://127.0.0.1:${between.port}` };
    const found = await byModule(http, { port: 80, host: 'localhost' });
    expect(found).toMatchObject({ outcome: 'up', lookUps: ['localhost'] });
    expect(between.asked).toMatchObject([{ target: 'http://127.0.0.1:80/', headers: { host: 'localhost' } }]);
    expect((await byModule(http, { port: 80 })).outcome).toMatch(/^dns_\w+ in resolve/);
  });

  test('leaves the name to the proxy where it is told to', async () => {
    await using between = await proxy(hello);
    const http = { proxy_url: `http://127.0.0.1:${between.port}`, skip_resolve_phase_with_proxy: true };
    const found = await byModule(http, { port: 80 });
    expect(found).toMatchObject({ outcome: 'up', lookUps: [] });
    expect(found.phases).not.toHaveProperty('resolve');
    expect(between.asked).toMatchObject([{ target: 'http://shop.test:80/' }]);
    expect((await byModule(http, { port: 80, policy: allowing('10.0.0.0/8') })).outcome).toMatch(
      /^policy_denied in resolve/,
    );
    expect((await byModule(http, { port: 80, policy: allowing('*.test') })).outcome).toBe('up');
  });

  test.each(['0xa9fea9fe', '0xa9.0xfe.0xa9.0xfe', '2852039166'])(
    'does not send it where the policy does not let us, under another spelling: %s',
    async (host) => {
      await using between = await proxy(hello);
      const http = { proxy_url: `http://127.0.0.1:${between.port}`, skip_resolve_phase_with_proxy: true };
      const { outcome } = await byModule(http, { port: 80, host, policy: allowing('any') });
      expect(outcome).toBe('policy_denied in resolve: probe.allow does not list 169.254.169.254, port 80');
      expect(between.asked).toEqual([]);
    },
  );

  test('goes without it to whom no_proxy names', async () => {
    await using server = await webServer({ '/': 'hello' });
    await using between = await proxy();
    const http = { proxy_url: `http://127.0.0.1:${between.port}`, no_proxy: '10.0.0.0/8,127.0.0.0/8' };
    expect(await byModule(http, { port: server.port, host: '127.0.0.1' })).toMatchObject({ outcome: 'up' });
    expect(between.asked).toEqual([]);
  });

  test('takes the one of the environment', async () => {
    await using between = await proxy(hello);
    vi.stubEnv('HTTP_PROXY', `127.0.0.1:${between.port}`);
    const http = { proxy_from_environment: true, skip_resolve_phase_with_proxy: true };
    expect(await byModule(http, { port: 80 })).toMatchObject({ outcome: 'up' });
    expect(await byModule({}, { port: 80 })).toMatchObject({ outcome: expect.stringMatching(/^dns_/) });
    vi.stubEnv('NO_PROXY', '*.test');
    expect(await byModule(http, { port: 80 })).toMatchObject({ outcome: expect.stringMatching(/^dns_/) });
    expect(between.asked).toHaveLength(1);
  });

  test('sends it further headers with CONNECT', async () => {
    await using between = await proxy({ answer: () => 'HTTP/1.1 403 ?\r\n\r\n' });
    const http = { proxy_url: `http://127.0.0.1:${between.port}`, proxy_connect_header: { 'X-A': ['b', 'c'] } };
    await probeWith({ prober: 'http', http }, 443, { inTls: true });
    expect(between.asked).toMatchObject([{ method: 'CONNECT', target: '127.0.0.1:443', headers: { 'x-a': 'b, c' } }]);
  });
});
