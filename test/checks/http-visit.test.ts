import { describe, expect, test, vi } from 'vitest';
import type { ProbeResult } from '../../src/core/result.ts';
import { type Visit, Visitor, visit } from '../helpers/checks.ts';
import { trusting } from '../helpers/line-server.ts';
import { blackHole, closedPort, peer } from '../helpers/peers.ts';
import { allowing } from '../helpers/policies.ts';
import { type Page, redirect, webServer } from '../helpers/web-server.ts';
import { testWorld } from '../helpers/world.ts';

function told({ failure }: ProbeResult): string {
  return failure === undefined ? 'up' : `${failure.reason} in ${failure.phase}: ${failure.detail}`;
}

/** What comes of a server whose root sends elsewhere. */
async function sent(location: string, how: Partial<Visit> = {}, world = testWorld()): Promise<string> {
  await using server = await webServer({ '/': redirect(location) });
  return told(await visit(server.url, how, world)).replaceAll(`127.0.0.1:${server.port}`, 'HOST');
}

function sample({ samples = [] }: ProbeResult, name: string): number | undefined {
  return samples.findLast((one) => one.name === `probe_http_${name}`)?.value;
}

describe('a redirect', () => {
  test.each([
    ['/there', 301],
    ['there', 302],
    ['/there', 303],
    ['?x=/there', 307],
    ['./a/../there#part', 308],
    ['//HOST/there', 302],
    ['http://HOST/there', 302],
  ])('to %s by %i is followed', async (location, status) => {
    const root: Page = ({ url, headers }, response) => {
      if (url?.includes('x=')) response.end('hello');
      else response.writeHead(status, { location: location.replace('HOST', headers.host ?? '') }).end();
    };
    await using server = await webServer({ '/': root, '/there': 'hello' });
    const result = await visit(`${server.url}/`, { options: { contains: 'hello' } });
    expect(told(result)).toBe('up');
    expect(sample(result, 'redirects')).toBe(1);
    expect(server.heard).toHaveLength(2);
  });

  test.each([
    [
      'ftp://a.example/',
      'unexpected_response in handshake: redirects to "ftp://a.example/", which is neither http nor https',
    ],
    [
      'javascript:alert(1)',
      'unexpected_response in handshake: redirects to "javascript:alert(1)", which is neither http nor https',
    ],
    ['http://', 'unexpected_response in handshake: redirects to "http://", which is not a URL'],
    ['http://a b/', 'unexpected_response in handshake: redirects to "http://a b/", which is not a URL'],
    [
      'http://127.0.0.1:99999/',
      'unexpected_response in handshake: redirects to "http://127.0.0.1:99999/", which is not a URL',
    ],
    ['http://127.0.0.1:0/', /^connection_refused in connect: redirected to 127\.0\.0\.1:0: /],
    ['http://nowhere.test/', /^dns_\w+ in resolve: redirected to nowhere\.test: /],
    ['http://a..b/', /^dns_not_found in resolve: redirected to a\.\.b: /],
    [`http://${'a'.repeat(64)}.test/`, /^dns_not_found in resolve: redirected to a{64}\.test: /],
    ['https://1.2.3.256/', 'unexpected_response in handshake: redirects to "https://1.2.3.256/", which is not a URL'],
  ])('to %s leads nowhere', async (location, expected) => {
    const outcome = await sent(location);
    if (typeof expected === 'string') expect(outcome).toBe(expected);
    else expect(outcome).toMatch(expected);
  });

  test('to a host that is longer than any name leads nowhere', async () => {
    expect(await sent(`http://${'a.'.repeat(20_000)}b/`)).toMatch(
      /^unexpected_response in handshake: redirects to "a\.a\..{100,220}", which is too long for a name$/,
    );
  });

  test('that goes round in a circle ends after ten', async () => {
    await using server = await webServer({ '/': redirect('/') });
    const result = await visit(server.url, { service: 'http' });
    expect(told(result)).toBe(
      `http_status in handshake: 127.0.0.1:${server.port} answered 302, to "/" after 10 redirects; expected 2xx`,
    );
    expect(server.heard).toHaveLength(11);
  });

  test('is the last one that is followed when it is the tenth', async () => {
    const steps = Array.from({ length: 10 }, (_, i) => [`/${i}`, redirect(`/${i + 1}`)] as const);
    await using server = await webServer({ ...Object.fromEntries(steps), '/10': 'hello' });
    const result = await visit(`${server.url}/0`, {});
    expect(told(result)).toBe('up');
    expect(sample(result, 'redirects')).toBe(10);
  });

  test('takes cookies along, and what is sent by 307', async () => {
    const first: Page = [307, { location: '/b', 'set-cookie': ['a=1; Path=/', 'c=2; Path=/other'] }];
    await using server = await webServer({ '/a': first, '/b': 'hello' });
    await visit(`${server.url}/a`, { options: { body: 'x=1', headers: { Cookie: 'own=0' } } });
    expect(server.heard[1]).toMatchObject({ method: 'POST', body: 'x=1', headers: { cookie: 'own=0; a=1' } });
  });

  test('to another host tells it nothing of who we are', async () => {
    await using other = await webServer({ '/': 'hello' });
    await using server = await webServer({ '/': redirect(`http://localhost:${other.port}/`) });
    const headers = { Authorization: 'Bearer secret', Cookie: 'own=secret', 'X-A': 'b' };
    expect(told(await visit(server.url, { options: { headers } }))).toBe('up');
    expect(server.heard[0]?.headers).toMatchObject({ authorization: 'Bearer secret', cookie: 'own=secret' });
    expect(JSON.stringify(other.heard)).not.toContain('secret');
    expect(other.heard[0]?.headers).toMatchObject({ 'x-a': 'b', host: `localhost:${other.port}` });
  });
});

describe('where a redirect leads', () => {
  test('is judged by the target policy, and named', async () => {
    await using other = await webServer({ '/': 'hello' });
    await using server = await webServer({ '/': redirect(`http://127.0.0.1:${other.port}/`) });
    const policy = allowing(`127.0.0.1:${server.port}`);
    const result = await visit(server.url, { policy });
    expect(told(result)).toBe(
      `policy_denied in resolve: redirected to 127.0.0.1:${other.port}: probe.allow does not list 127.0.0.1, port ${other.port}`,
    );
    expect(other.heard).toEqual([]);
    expect(sample(result, 'redirects')).toBe(1);
    const both = allowing(`127.0.0.1:${server.port}`, `127.0.0.1:${other.port}`);
    expect(told(await visit(server.url, { policy: both }))).toBe('up');
  });

  test.each([
    ['http://169.254.169.254/latest', 'any', '169.254.169.254: probe.allow does not list 169.254.169.254, port 80'],
    ['http://[fd00:ec2::254]/', 'any', '[fd00:ec2::254]: probe.allow does not list fd00:ec2::254, port 80'],
    ['http://localhost:1/', '127.0.0.0/8:80', 'localhost:1: probe.allow does not list localhost, port 1'],
  ])('%s is refused by %s', async (location, rule, expected) => {
    await using server = await webServer({ '/': redirect(location) });
    const result = await visit(server.url, { policy: allowing(`127.0.0.1:${server.port}`, rule) });
    expect(told(result)).toBe(`policy_denied in resolve: redirected to ${expected}`);
  });

  test('is not looked up where no rule could allow it', async () => {
    const world = testWorld();
    const resolve = vi.spyOn(world.resolver, 'resolve');
    await using server = await webServer({ '/': redirect('http://secret.attacker.test/') });
    const result = await visit(server.url, { policy: allowing(`127.0.0.1:${server.port}`, '*.internal') }, world);
    expect(told(result)).toMatch(/^policy_denied in resolve: redirected to secret\.attacker\.test: /);
    expect(resolve).not.toHaveBeenCalled();
  });

  test('may not answer at all', async () => {
    const port = await closedPort();
    expect(await sent(`http://127.0.0.1:${port}/`)).toBe(
      `connection_refused in connect: redirected to 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    await using hole = await blackHole();
    expect(await sent(`http://127.0.0.1:${hole.port}/`, { timeoutMs: 300 })).toBe(
      `timeout in connect: no answer from 127.0.0.1:${hole.port} within 300 ms`,
    );
  });

  test('may hang up, and be silent', async () => {
    await using rude = await peer((socket) => socket.end());
    expect(await sent(`http://${rude.address}/`)).toMatch(
      new RegExp(`^(closed_early|connection_reset) in handshake: redirected to ${rude.address}: `),
    );
    await using silent = await peer();
    expect(await sent(`http://${silent.address}/`, { timeoutMs: 200 })).toBe(
      `timeout in handshake: no answer from ${silent.address} within 200 ms`,
    );
    expect(await sent(`https://${silent.address}/`, { timeoutMs: 200 })).toBe(
      `timeout in tls: no answer from ${silent.address} within 200 ms`,
    );
  });
});

describe('a redirect to TLS', () => {
  test('is followed, and its certificate judged and told', async () => {
    await using secure = await webServer({ '/': 'hello' }, 'self-signed');
    await using server = await webServer({ '/': redirect(secure.url) });
    const result = await visit(server.url, {}, trusting());
    expect(told(result)).toBe('up');
    expect(result.tls).toMatchObject({ version: 'TLS 1.3', certificate: { subjectAlternative: 'localhost,db.test' } });
    expect(result.phases).not.toHaveProperty('tls');
    expect([sample(result, 'ssl'), sample(result, 'version')]).toEqual([1, 2]);
  });

  test.each([
    [
      'expired',
      'localhost',
      'tls_certificate_expired in tls: redirected to URL: the certificate expired on 2021-01-01',
    ],
    ['self-signed', '127.0.0.1', /^tls_hostname_mismatch in tls: redirected to URL: /],
  ] as const)('fails with a certificate that is %s, asked of %s', async (certificate, host, expected) => {
    await using secure = await webServer({ '/': 'hello' }, certificate);
    await using server = await webServer({ '/': redirect(`https://${host}:${secure.port}/`) });
    const result = await visit(server.url, {}, trusting());
    const outcome = told(result).replace(`${host}:${secure.port}`, 'URL');
    if (typeof expected === 'string') expect(outcome).toBe(expected);
    else expect(outcome).toMatch(expected);
    expect(result.tls?.certificate?.subject).toContain('CN=localhost');
    expect(secure.heard).toEqual([]);
  });

  test('and back leaves it without TLS', async () => {
    await using plain = await webServer({ '/': 'hello' });
    await using secure = await webServer({ '/': redirect(plain.url) }, 'self-signed');
    const result = await visit(secure.url, { tls: {} }, trusting());
    expect(told(result)).toBe('up');
    expect(sample(result, 'ssl')).toBe(0);
    expect(plain.heard[0]?.headers).not.toHaveProperty('referer');
  });
});

test('what a visit has learnt is not kept for the next one', async () => {
  await using server = await webServer({ '/': [200, { 'set-cookie': 'a=1' }, 'hello'] });
  const visitor = new Visitor(server.url, {});
  expect(await visitor.probes(2)).toEqual({ up: 2 });
  expect(server.heard.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
});
