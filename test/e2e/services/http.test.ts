import { chmodSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import type { World } from '../../../src/probe/world.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { probeWith } from '../../helpers/modules.ts';
import { needs } from '../../helpers/programs.ts';
import { startWebsite } from '../../helpers/servers/website.ts';
import { testWorld } from '../../helpers/world.ts';

async function site(stage: Stage) {
  const authority = await createAuthority(stage, 'known');
  const website = await startWebsite(stage, await authority.issue('localhost'));
  chmodSync(stage.directory, 0o755);
  const authorities = new Authorities(systemClock, { SSL_CERT_FILE: authority.file });
  const world = (): World => testWorld({ authorities });
  return {
    ...website,
    plain: `http://127.0.0.1:${website.port}`,
    secure: `https://localhost:${website.securePort}`,
    world,
  };
}

needs('nginx', 'openssl')(
  '300 probes of an nginx leave a line each in its log of requests, and none in that of errors',
  async (stage) => {
    const { plain, secure, errors, requests, world } = await site(stage);
    expect(await new Visitor(plain, { options: { contains: 'Welcome' } }, world()).probes(300)).toEqual({ up: 300 });
    await vi.waitFor(() => expect(requests()).toHaveLength(300));
    expect(requests()[0]).toMatch(/"GET \/ HTTP\/1\.1" 200 \d+ "-" "port-exporter"$/);
    expect(await new Visitor(secure, { tls: {}, options: { contains: 'Welcome' } }, world()).probes(300)).toEqual({
      up: 300,
    });
    await vi.waitFor(() => expect(requests()).toHaveLength(600));
    expect(requests()[300]).toMatch(/"GET \/ HTTP\/2\.0" 200 \d+ "-" "port-exporter"$/);
    expect(errors()).toBe('');
  },
);

needs('nginx', 'openssl')('300 connects to an nginx leave nothing in its logs', async (stage) => {
  const { port, securePort, errors, requests, plain } = await site(stage);
  expect(await new Visitor(`127.0.0.1:${port}`, {}).probes(300)).toEqual({ up: 300 });
  expect(await new Visitor(`127.0.0.1:${securePort}`, {}).probes(300)).toEqual({ up: 300 });
  await visit(plain, {});
  await vi.waitFor(() => expect(requests()).toHaveLength(1));
  expect(errors()).toBe('');
});

needs('nginx', 'openssl')('pages of an nginx are what they are', async (stage) => {
  const { port, plain, secure, errors, world } = await site(stage);
  const good: readonly [string, object][] = [
    ['/', { http2: false }],
    ['/old', { contains: 'Welcome' }],
    ['/private', { username: 'me', password_file: stage.write('password', 'pass word\n') }],
    ['/private', { status: 401 }],
    ['/broken', { status: '5xx', contains: 'Sorry' }],
    ['/health', { json: 'body.status == "ok" && body.queue < 10' }],
    ['/big.bin', { method: 'HEAD' }],
    ['/big.bin', {}],
    ['/post', { body: 'x=1', status: 201 }],
  ];
  for (const [path, options] of good) {
    expect([path, (await visit(`${plain}${path}`, { options }, world())).failure]).toEqual([path, undefined]);
    const inTls = await visit(`${secure}${path}`, { tls: {}, options }, world());
    expect([path, inTls.failure]).toEqual([path, undefined]);
  }
  const wrong = stage.write('wrong', 'hunter2');
  const { failure } = await visit(`${plain}/private`, { options: { username: 'me', password_file: wrong } });
  expect(failure).toMatchObject({ reason: 'http_status', detail: expect.stringContaining('answered 401') });
  const http = {
    ...{ compression: 'gzip', headers: { 'Accept-Encoding': 'gzip' } },
    fail_if_body_not_matches_regexp: ['^(Welcome\\n){100}$'],
  };
  const compressed = await probeWith({ prober: 'http', http }, port);
  expect(compressed.failure).toBeUndefined();
  expect(compressed.samples).toContainEqual({ name: 'probe_http_uncompressed_body_length', labels: {}, value: 800 });
  expect(errors()).toMatch(/user "me": password mismatch/);
});
