import { describe, expect, test } from 'vitest';
import { exporter } from '../helpers/exporter.ts';
import { closedPort, peer } from '../helpers/peers.ts';

const OPEN = 'probe: { allow: [any] }\nmodules: { tcp: { prober: tcp } }\n';

describe('an address that is not configured', () => {
  test('is probed once, without labels and without state', async () => {
    await using listener = await peer();
    await using app = await exporter(OPEN);
    const { status, body } = await app.get(`/probe?target=${listener.address}`);
    expect(status).toBe(200);
    expect(body).toMatch(/^probe_success 1$/m);
    expect(body).toMatch(/^probe_tcp_duration_seconds\{phase="connect"\} 0?\.?\d/m);
    expect(body).toMatch(/^probe_ip_protocol 4$/m);
    expect(body).not.toContain('probe_consecutive_failures');
    expect(body).not.toContain('port_exporter_');
  });

  test('that is down is still HTTP 200, with the reason', async () => {
    await using app = await exporter(OPEN);
    const { status, body } = await app.get(`/probe?target=127.0.0.1:${await closedPort()}&module=tcp_connect`);
    expect(status).toBe(200);
    expect(body).toMatch(/^probe_success 0$/m);
    expect(body).toMatch(/^probe_failure_info\{reason="connection_refused",phase="connect"\} 1$/m);
    expect(body).not.toContain('probe_tcp_duration_seconds');
  });

  test('may be probed with a module of the configuration', async () => {
    await using listener = await peer();
    await using app = await exporter(OPEN);
    expect((await app.get(`/probe?target=${listener.address}&module=tcp`)).body).toMatch(/^probe_success 1$/m);
  });
});

describe('a module that knows its port', () => {
  const DNS = `probe: { allow: [configured] }
modules:
  udp: { prober: dns, dns: { query_name: x } }
  tls: { prober: dns, dns: { query_name: x, transport_protocol: tcp, dns_over_tls: true } }
  tcp: { prober: tcp }
`;
  test.each([
    ['target=10.0.0.1&module=udp', 'refuses 10.0.0.1 port 53:'],
    ['target=10.0.0.1&module=tls', 'refuses 10.0.0.1 port 853:'],
    ['target=10.0.0.1:5353&module=tls', 'refuses 10.0.0.1 port 5353:'],
    ['target=ns.example.org&module=udp', 'refuses ns.example.org port 53:'],
    ['target=fd00::1&module=udp', 'refuses fd00::1 port 53:'],
    ['target=%5Bfd00::1%5D&module=udp', 'refuses fd00::1 port 53:'],
    ['target=10.0.0.1&module=tcp', 'the port is missing'],
    ['target=10.0.0.1', 'the port is missing'],
    ['target=10.0.0.1:0&module=udp', 'the port must be 1 to 65535, not "0"'],
  ])('needs no other in the target, which other modules insist on: %s', async (query, answer) => {
    await using app = await exporter(DNS);
    expect((await app.get(`/probe?${query}`)).body).toContain(answer);
  });
});

describe('an address with a service', () => {
  const redis = () => peer((socket) => socket.on('data', () => socket.end('+PONG\r\n')));

  test('is spoken to', async () => {
    await using server = await redis();
    await using app = await exporter(OPEN);
    const { body } = await app.get(`/probe?target=redis://${server.address}`);
    expect(body).toMatch(/^probe_tcp_duration_seconds\{phase="handshake"\}/m);
  });

  test('is not taken for a target that is configured otherwise', async () => {
    await using server = await redis();
    const yaml = `groups: [{ name: a, targets: [{ name: x, address: "${server.address}" }] }]\nprobe: { allow: [any] }\n`;
    await using app = await exporter(yaml);
    const plain = await app.get(`/probe?target=${server.address}`);
    expect(plain.body).toContain('probe_consecutive_failures');
    const spoken = await app.get(`/probe?target=redis://${server.address}`);
    expect(spoken.body).toMatch(/^probe_tcp_duration_seconds\{phase="handshake"\}/m);
    expect(spoken.body).not.toContain('probe_consecutive_failures');
  });

  test('is taken for the target that is configured so', async () => {
    await using server = await redis();
    await using app = await exporter(`groups: [{ name: a, targets: ["redis://${server.address}"] }]\n`);
    expect((await app.get(`/probe?target=redis://${server.address}`)).body).toContain('probe_consecutive_failures');
  });
});

test('debug tells that a plain connect leaves a service with its own goodbye', async () => {
  await using app = await exporter(OPEN);
  const { body } = await app.get('/probe?target=127.0.0.1:3306&debug=true');
  expect(body).toContain('check: connect, leaving as mysql does');
});

describe('a configured target', () => {
  const yaml = (address: string) =>
    `groups:\n- name: a\n  targets: [{ name: db, address: "${address}", interval: 30s, failures: 3 }]\n`;

  test.each(['db', 'address'])('is found by its %s, keeps its state, and has no labels', async (by) => {
    const address = `127.0.0.1:${await closedPort()}`;
    await using app = await exporter(yaml(address));
    const { body } = await app.get(`/probe?target=${by === 'db' ? 'db' : address}`);
    expect(body).toMatch(/^probe_consecutive_failures 1$/m);
    expect(body).toMatch(/^probe_interval_seconds 30$/m);
    expect(body).toMatch(/^probe_failure_threshold 3$/m);
  });

  test.each(['LOCALHOST', 'LocalHost'])('written as %s it is still that target, with its state', async (host) => {
    const port = await closedPort();
    await using app = await exporter(`groups: [{ name: a, targets: ["localhost:${port}"] }]\n`);
    const { body } = await app.get(`/probe?target=${host}:${port}`);
    expect(body).toMatch(/^probe_consecutive_failures 1$/m);
    expect((await app.get(`/metrics?target=${host}:${port}`)).body).toContain('probe_success{');
  });

  test('probed with a module of its own is not counted', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    await using app = await exporter(yaml(address));
    const { body, status } = await app.get('/probe?target=db&module=tcp_connect');
    expect(status).toBe(200);
    expect(body).not.toContain('probe_consecutive_failures');
  });
});

describe('debug=true', () => {
  test('tells what was asked, what happened, what to look at, and the metrics', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    await using app = await exporter(OPEN);
    const { body, headers } = await app.get(`/probe?target=${address}&debug=true`);
    expect(headers.get('content-type')).toContain('text/plain');
    expect(body).toContain(`Probe of ${address}`);
    expect(body).toMatch(/^result: connection_refused in phase connect after \d+\.\d+ ms$/m);
    expect(body).toMatch(/^look at: the host answered, nothing listens/m);
    expect(body).toMatch(/^probe_success 0$/m);
  });
});

describe('bad requests', () => {
  test.each([
    ['', 'target is missing: ask for /probe?target=host:port'],
    ['?target=', 'target is missing: ask for /probe?target=host:port'],
    ['?target=a:1&target=b:1', 'target is given 2 times: one is taken'],
    ['?target=a:1&module=tcp&module=tcp', 'module is given 2 times: one is taken'],
    [`?target=${'x'.repeat(10_000)}:1`, 'target is longer than 2400 characters: write host:port'],
    ['?target=a:1&module=nope', 'module "nope" cannot be used: there is none of that name'],
    ['?target=a:0', '"a:0" is not an address: the port must be 1 to 65535, not "0"'],
    ['?target=a:65536', '"a:65536" is not an address: the port must be 1 to 65535, not "65536"'],
    ['?target=%5B::1', '"[::1" is not an address: '],
    ['?target=a', '"a" is not an address: the port is missing'],
    ['?target=gopher%3A%2F%2F127.0.0.1%2Flatest', '"gopher://127.0.0.1/latest" is not an address'],
    ['?target=a%00b:1', 'is not an address'],
    ['?target=127.1:80', 'is not an address'],
    ['?target=2130706433:80', 'is not an address'],
    ['?target=127.0.0.1:1&module=tls_connect&hostname=a/b', 'hostname must be a DNS name'],
    ['?target=127.0.0.1:1&module=tls_connect&hostname=redis://x', 'hostname must be a DNS name'],
    ['?target=127.0.0.1:1&module=tls_connect&hostname=[::1]', 'hostname must be a DNS name'],
    ['?target=127.0.0.1:1&module=tls_connect&hostname=192.0.2.1', 'hostname must be a DNS name'],
  ])('/probe%s is 400 with one line', async (query, message) => {
    await using app = await exporter(OPEN);
    const { status, body } = await app.get(`/probe${query}`);
    expect({ status, lines: body.split('\n').length }).toEqual({ status: 400, lines: 2 });
    expect(body).toContain(message);
  });

  test('a name of digits and letters that only looks like an address is a name', async () => {
    await using app = await exporter('groups: [{ name: a, targets: ["127.0.0.1:1"] }]\n');
    expect((await app.get('/probe?target=0x7f.internal:80')).status).toBe(403);
  });
});

describe('target policy', () => {
  const CONFIGURED = 'groups: [{ name: a, targets: ["127.0.0.1:1"] }]\n';

  test.each([
    ['not configured', CONFIGURED, '127.0.0.1:2'],
    ['cloud metadata, where only modules are configured', OPEN, '169.254.169.254:80'],
    ['cloud metadata as a URL', OPEN, 'http://169.254.169.254/latest'],
    ['cloud metadata as IPv6', OPEN, '[::ffff:169.254.169.254]:80'],
    ['cloud metadata as IPv6 in hexadecimal', OPEN, '[::ffff:a9fe:a9fe]:80'],
    ['cloud metadata behind 6to4', OPEN, '[2002:a9fe:a9fe::1]:80'],
    ['IPv6 link-local', OPEN, '[fe80::1%25lo]:80'],
    ['a name that no rule allows', CONFIGURED, 'db.internal:5432'],
    ['the right host, another port', `${CONFIGURED}probe: { allow: ["127.0.0.0/8:5432"] }\n`, '127.0.0.1:5433'],
    [
      'a name that resolves to what is not allowed',
      `${CONFIGURED}probe: { allow: ["10.0.0.0/8"] }\n`,
      'localhost:5432',
    ],
  ])('%s is 403, and nothing is dialled', async (_, yaml, target) => {
    await using app = await exporter(yaml);
    const { status, body } = await app.get(`/probe?target=${target}`);
    expect(status).toBe(403);
    expect(body).toContain('probe.allow');
    expect(app.services.fleet.stats.results.success).toBe(0);
  });

  test('what a rule allows is probed', async () => {
    await using listener = await peer();
    await using app = await exporter(`${CONFIGURED}probe: { allow: ["127.0.0.0/8:${listener.port}"] }\n`);
    expect((await app.get(`/probe?target=localhost:${listener.port}`)).body).toMatch(/^probe_success 1$/m);
  });
});
