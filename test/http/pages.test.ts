import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { formatAge, formatLatency } from '../../src/http/pages/html.ts';
import { listen } from '../../src/http/server.ts';
import { exporter } from '../helpers/exporter.ts';
import { blackHole, closedPort, peer } from '../helpers/peers.ts';

describe('status page', () => {
  test('shows what is down first, with reason and advice', async () => {
    await using listener = await peer();
    const closed = `127.0.0.1:${await closedPort()}`;
    await using app = await exporter(`groups: [{ name: a, targets: ["${listener.address}", "${closed}"] }]\n`);
    await app.get('/metrics');
    const { body, headers } = await app.get('/');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(body).toContain('1 down, 1 up of 2');
    expect(body.indexOf(closed)).toBeLessThan(body.indexOf(listener.address));
    expect(body).toContain('<strong>connection_refused</strong> in phase connect, 1 in a row');
    expect(body).toContain('the host answered, nothing listens on the port');
    expect(listener.connections()).toBe(1);
  });

  test('before the first scrape nothing is claimed', async () => {
    await using app = await exporter('groups: [{ name: a, targets: ["127.0.0.1:9"] }]\n');
    expect((await app.get('/')).body).toContain('not probed yet');
  });

  test('names from the configuration cannot become markup', async () => {
    await using app = await exporter(
      `groups: [{ name: "<b>", targets: [{ name: "<img src=x onerror='y'>&", address: "127.0.0.1:9" }] }]\n`,
    );
    const { body } = await app.get('/');
    expect(body).not.toMatch(/<img|<b>/);
    expect(body).toContain('&#60;img src=x onerror=&#39;y&#39;&#62;&#38;');
  });

  test('without targets it says what it is for', async () => {
    await using app = await exporter('modules: { tcp: { prober: tcp } }\n');
    expect((await app.get('/')).body).toContain('/probe?target=host:port');
  });
});

test.each([
  [0.1234, '0.12 ms'],
  [12.34, '12.3 ms'],
  [123.4, '123 ms'],
  [1234, '1.23 s'],
])('%s ms reads as %s', (ms, text) => expect(formatLatency(ms)).toBe(text));

test.each([
  [-5, '0 s'],
  [90_000, '90 s'],
  [300_000, '5 min'],
  [3 * 3_600_000, '3 h'],
  [3 * 86_400_000, '3 d'],
])('%s ms ago reads as %s', (ms, text) => expect(formatAge(ms)).toBe(text));

describe('admin routes', () => {
  const YAML = 'groups: [{ name: a, targets: ["127.0.0.1:9"] }]\n';

  test.each([
    ['/-/healthy', 'port-exporter is healthy.\n'],
    ['/-/ready', 'port-exporter is ready.\n'],
  ])('GET %s', async (path, body) => {
    await using app = await exporter(YAML);
    expect(await app.get(path)).toMatchObject({ status: 200, body });
  });

  test('GET /config shows what is in force, defaults written out', async () => {
    await using app = await exporter(YAML);
    expect((await app.get('/config')).body).toMatch(/timeout: 5s/);
  });

  test('POST /-/reload answers with the problems of a file that cannot be used', async () => {
    const problem = { file: 'a.yml', line: 3, column: 5, path: 'groups[0].name', message: 'is missing' };
    await using app = await exporter(YAML, { reload: async () => ({ ok: false, problems: [problem] }) });
    const response = await fetch(`${app.url}/-/reload`, { method: 'POST' });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('a.yml:3:5: groups[0].name: is missing\n');
  });

  test('a list of problems that is long enough to be streamed is still 500', async () => {
    const problems = Array.from({ length: 500 }, (_, line) => ({
      file: 'a.yml',
      line,
      column: 5,
      path: 'x',
      message: 'is wrong '.repeat(20),
    }));
    await using app = await exporter(YAML, { reload: async () => ({ ok: false, problems }) });
    const response = await fetch(`${app.url}/-/reload`, { method: 'POST', headers: { 'accept-encoding': 'gzip' } });
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('a.yml:499:5');
  });

  test('POST /-/reload says when it was done', async () => {
    await using app = await exporter(YAML);
    const response = await fetch(`${app.url}/-/reload`, { method: 'POST' });
    expect({ status: response.status, body: await response.text() }).toEqual({
      status: 200,
      body: 'configuration reloaded\n',
    });
  });

  test.each([
    ['GET', '/-/reload', 405],
    ['POST', '/metrics', 405],
    ['DELETE', '/', 405],
    ['GET', '/nothing', 404],
    ['GET', '/../../etc/passwd', 404],
  ])('%s %s is %i', async (method, path, status) => {
    await using app = await exporter(YAML);
    expect((await fetch(app.url + path, { method })).status).toBe(status);
  });

  test('behind a prefix nothing answers outside of it', async () => {
    await using app = await exporter(YAML, { routePrefix: '/ports' });
    expect((await app.get('/ports/-/healthy')).status).toBe(200);
    expect((await app.get('/ports/')).status).toBe(200);
    expect((await app.get('/-/healthy')).status).toBe(404);
  });
});

describe('the server', () => {
  test('what goes wrong inside is logged and told as 500 without details', async () => {
    const config = () => {
      throw new Error('secret inside');
    };
    await using app = await exporter('modules: { tcp: { prober: tcp } }\n', { config });
    const { status, body } = await app.get('/config');
    expect({ status, body }).toEqual({ status: 500, body: 'the exporter failed to answer: see its log\n' });
    expect(app.logged.join('')).toContain('secret inside');
  });

  test('a request line that is no URL is 400, and not an error of ours', async () => {
    await using app = await exporter('modules: { tcp: { prober: tcp } }\n');
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () =>
        socket.write('GET http://[::1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
      );
      socket.once('data', (data) => resolve(data.toString()));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400/);
    expect(app.logged.join('')).not.toContain('level=error');
  });

  test('a client that hangs up during a scrape disturbs nobody', async () => {
    await using hole = await blackHole();
    await using listener = await peer();
    await using app = await exporter(
      `groups: [{ name: a, timeout: 300ms, targets: ["127.0.0.1:${hole.port}", "${listener.address}"] }]\n`,
    );
    await new Promise<void>((resolve) => {
      const rude = request(`${app.url}/metrics`).on('error', () => resolve());
      rude.end(() => setTimeout(() => rude.destroy(), 50));
    });
    const { body } = await app.get('/metrics');
    expect(body).toMatch(/^probe_success\{.*\} 1$/m);
    expect(app.logged.join('')).not.toContain('level=error');
  });

  test('closing waits for a scrape in flight and for nothing else', async () => {
    await using hole = await blackHole();
    await using app = await exporter(`groups: [{ name: a, timeout: 300ms, targets: ["127.0.0.1:${hole.port}"] }]\n`);
    const server = await listen(createApp(app.services).callback(), { host: '127.0.0.1', port: 0 });
    const idle = connect(server.port, '127.0.0.1').on('error', () => {});
    const scrape = fetch(`http://${server.address}/metrics`);
    await expect.poll(() => app.services.fleet.inFlight).toBe(1);
    await server.close(5000);
    expect((await scrape).status).toBe(200);
    expect(await (await scrape).text()).toContain('reason="timeout"');
    idle.destroy();
  });
});
