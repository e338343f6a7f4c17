import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exporter } from '../helpers/exporter.ts';
import { trusting } from '../helpers/line-server.ts';
import { redirect, webServer } from '../helpers/web-server.ts';

const OPEN = 'probe: { allow: [any] }\nmodules: { web: { prober: http, http: { preferred_ip_protocol: ip4 } } }\n';

/** A server that listens at a path of its own. */
async function atPath() {
  const directory = mkdtempSync(join(tmpdir(), 'port-exporter-unix-'));
  const path = join(directory, 'app.sock');
  const server = createServer((socket) => socket.on('error', () => {}).end('hello\n'));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    directory,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true });
    },
  };
}

describe('/probe of a URL', () => {
  test.each([
    ['target=URL/a?b=c', '/a?b=c'],
    ['target=URL/a%3Fb=c%26d&module=http', '/a?b=c&d'],
    ['target=HOST/a&module=http', '/a'],
    ['target=URL/a&module=web', '/a'],
    ['target=HOST&module=web', '/'],
  ])('asks for its path: %s', async (query, path) => {
    await using server = await webServer({ '/a': 'hello', '/': 'hello' });
    await using app = await exporter(OPEN);
    const { status, body } = await app.get(
      `/probe?${query.replace('URL', server.url).replace('HOST', `127.0.0.1:${server.port}`)}`,
    );
    expect(status).toBe(200);
    expect(body).toMatch(/^probe_success 1$/m);
    expect(body).toMatch(/^probe_http_status_code 200$/m);
    expect(server.heard).toMatchObject([{ path }]);
  });

  test('in TLS speaks it, and hostname= says of whom', async () => {
    await using server = await webServer({ '/': 'hello' }, 'self-signed');
    await using app = await exporter(OPEN, { world: trusting() });
    for (const module of ['', '&module=https', '&module=web']) {
      const url = `/probe?target=https://127.0.0.1:${server.port}/${module}`;
      expect((await app.get(url)).body).toMatch(/reason="tls_hostname_mismatch",phase="tls"/);
      const { body } = await app.get(`${url}&hostname=db.test`);
      expect(body).toMatch(/^probe_http_ssl 1$/m);
      expect(body).toMatch(/^probe_success 1$/m);
    }
    expect(server.heard.map(({ headers }) => headers[':authority'])).toEqual(['db.test', 'db.test', 'db.test']);
  });

  test('may be asked for by a module of ours, with the options of the service', async () => {
    await using server = await webServer({ '/': 'hello' }, 'self-signed');
    const module = 'ours: { prober: https, https: { contains: gone, http2: false }, tls: { server_name: db.test } }';
    await using app = await exporter(`${OPEN.replace('modules: {', `modules: { ${module},`)}`, { world: trusting() });
    const { body } = await app.get(`/probe?target=127.0.0.1:${server.port}&module=ours`);
    expect(body).toMatch(/reason="content_mismatch",phase="handshake"/);
    expect(body).toMatch(/^probe_http_version 1\.1$/m);
    const { body: shown } = await app.get('/config');
    expect(shown).toContain('    prober: https\n');
    expect(shown).toContain('      contains: gone\n');
  });

  test('without TLS is asked of that host, too', async () => {
    await using server = await webServer({ '/': 'hello' });
    await using app = await exporter(OPEN);
    await app.get(`/probe?target=${server.url}&hostname=shop.example`);
    expect(server.heard).toMatchObject([{ headers: { host: 'shop.example' } }]);
  });

  test.each([
    ['https://h/&module=http', '"https://h/" must begin with http://'],
    ['ftp://h/&module=web', '"ftp://h/" must begin with http:// or https://'],
    ['http://u:p@h/', 'a password has no place in an address'],
    ['http://h/%C3%A4', 'its path must be written in ASCII'],
    ['http://h:0/', 'the port must be 1 to 65535'],
    ['http://h/a&module=redis', '"http://h/a" has a path, which redis does not ask for'],
    ['http://h/a&module=tcp_connect', '"http://h/a" has a path, which a connect does not ask for'],
    ['redis://h/0', 'is not a host name'],
  ])('that makes no sense is 400: %s', async (query, message) => {
    await using app = await exporter(OPEN);
    const { status, body } = await app.get(`/probe?target=${query}`);
    expect([status, body]).toEqual([400, expect.stringContaining(message)]);
  });

  test('that is configured is that target, and another path is not', async () => {
    await using server = await webServer({ '/a': 'hello' });
    const yaml = `groups: [{ name: g, targets: ["${server.url}/a"] }]\nprobe: { allow: [configured] }\n`;
    await using app = await exporter(yaml);
    const same = await app.get(`/probe?target=${server.url}/a`);
    expect(same.body).toMatch(/^probe_success 1$/m);
    expect(same.body).toContain('probe_consecutive_failures');
    const other = await app.get(`/probe?target=${server.url}/b`);
    expect(other.body).not.toContain('probe_consecutive_failures');
    expect(server.heard.map(({ path }) => path)).toEqual(['/a', '/b']);
  });

  test('is refused by the policy with 403, but where it sends us to is its answer', async () => {
    await using other = await webServer({ '/': 'hello' });
    await using server = await webServer({ '/': redirect(other.url) });
    await using app = await exporter(`${OPEN.replace('any', `"127.0.0.1:${server.port}"`)}`);
    expect(await app.get(`/probe?target=${other.url}`)).toMatchObject({ status: 403 });
    const { status, body } = await app.get(`/probe?target=${server.url}`);
    expect(status).toBe(200);
    expect(body).toMatch(/^probe_failure_info\{reason="policy_denied",phase="resolve"\} 1$/m);
    expect(other.heard).toEqual([]);
  });
});

describe('/probe of a Unix socket', () => {
  test.each(['', '&module=unix', '&module=tcp_connect'])('is a connect%s', async (module) => {
    await using server = await atPath();
    await using app = await exporter(`${OPEN.replace('any', `"${server.directory}/*.sock"`)}`);
    const { status, body } = await app.get(`/probe?target=unix://${server.path}${module}&debug=true`);
    expect(status).toBe(200);
    expect(body).toContain(`Probe of ${server.path}`);
    expect(body).toMatch(/^probe_success 1$/m);
    expect(body).toMatch(/^probe_tcp_duration_seconds\{phase="connect"\} /m);
    expect(body).not.toContain('probe_ip_protocol');
  });

  test('that is not there is down', async () => {
    await using server = await atPath();
    await using app = await exporter(`${OPEN.replace('any', `"${server.directory}/**"`)}`);
    const { body } = await app.get(`/probe?target=unix://${server.path}x`);
    expect(body).toMatch(/^probe_failure_info\{reason="connection_refused",phase="connect"\} 1$/m);
  });

  test.each([
    ['any', 403],
    ['"*"', 403],
    ['0.0.0.0/0', 403],
    ['"/run/*.sock"', 403],
    ['"DIR/*"', 200],
    ['"DIR/app.?ock"', 200],
    ['"/tmp/**"', 200],
    ['"/tmp/*"', 403],
  ])('is allowed by %s: %i', async (rule, expected) => {
    await using server = await atPath();
    await using app = await exporter(`${OPEN.replace('any', rule.replace('DIR', server.directory))}`);
    expect((await app.get(`/probe?target=unix://${server.path}`)).status).toBe(expected);
  });

  test('does not lead out of the directory that is allowed', async () => {
    await using server = await atPath();
    await using app = await exporter(`${OPEN.replace('any', '"/run/**"')}`);
    const { status, body } = await app.get(`/probe?target=unix:///run/..${server.path}`);
    expect([status, body]).toEqual([400, expect.stringContaining('must not have //, /./ or /../ in it')]);
  });

  test('that is configured keeps its state', async () => {
    await using server = await atPath();
    await using app = await exporter(`groups: [{ name: g, targets: ["unix://${server.path}"] }]\n`);
    for (const target of [`unix://${server.path}`, server.path])
      expect((await app.get(`/probe?target=${target}`)).body).toContain('probe_consecutive_failures 0');
    expect((await app.get(`/probe?target=unix://${server.path}x`)).status).toBe(403);
  });
});
