import { describe, expect, it } from 'vitest';
import { SERVICES } from '../../src/checks/registry.ts';
import { configOf, group, problemsOf } from './reading.ts';

/** What becomes of one module. */
function moduleOf(text: string) {
  return configOf(`modules:\n  m: ${text}`).modules.get('m');
}

const IP4 = { prefer: 4, fallback: true };
const IP6 = { prefer: 6, fallback: true };
const DIRECT = { how: 'direct', judge: 'all' };

describe('the prober dns', () => {
  it("is ours with the options of the service, and blackbox_exporter's with a query_name", () => {
    const ours = moduleOf('{prober: dns, dns: {zone: example.org, transport: udp}}');
    expect(ours).toMatchObject({ use: { check: { name: 'dns' }, options: { zone: 'example.org', transport: 'udp' } } });
    const theirs = moduleOf('{prober: dns, dns: {query_name: example.org}}');
    expect(theirs).toMatchObject({ use: { options: { name: 'example.org' } }, defaultPort: 53 });
  });
});

describe('modules', () => {
  it('has the built-in ones always: two for connects, and one for each service', () => {
    const { modules } = configOf(group('h:1'));
    expect([...modules.keys()]).toEqual(['tcp_connect', 'tls_connect', ...SERVICES.map(({ name }) => name)]);
    expect(modules.get('tcp_connect')).toEqual({ name: 'tcp_connect', family: IP4 });
    expect(modules.get('tls_connect')).toEqual({ name: 'tls_connect', family: IP4, tls: DIRECT });
    expect(modules.get('redis')).toMatchObject({ name: 'redis', family: IP4, use: { check: { name: 'redis' } } });
    expect(modules.get('imaps')).toMatchObject({ tls: DIRECT, use: { check: { name: 'imaps' } } });
    expect(modules.get('postgresql')).toMatchObject({ tls: { how: 'offered', judge: 'expiry' } });
  });

  it.each([
    ['{prober: tcp}', { name: 'm', family: IP6 }],
    ['{prober: tcp, tcp: }', { name: 'm', family: IP6 }],
    ['{prober: tcp, tcp: {}, timeout: 5s}', { name: 'm', family: IP6, timeoutMs: 5000 }],
    ['{prober: tcp, timeout: 1.5s}', { name: 'm', family: IP6, timeoutMs: 1500 }],
    ['{prober: tcp, timeout: 1m0.5s}', { name: 'm', family: IP6, timeoutMs: 60_500 }],
    ['{prober: tcp, timeout: 0s}', { name: 'm', family: IP6 }],
    ['{prober: tcp, timeout: "0"}', { name: 'm', family: IP6 }],
    ['{prober: tcp, timeout: -5s}', { name: 'm', family: IP6 }],
    ['{prober: tcp, tcp: {preferred_ip_protocol: ip4}}', { name: 'm', family: IP4 }],
    ['{prober: tcp, tcp: {ip_protocol_fallback: false}}', { name: 'm', family: { prefer: 6, fallback: false } }],
    ['{prober: tcp, tcp: {source_ip_address: 127.0.0.9}}', { name: 'm', family: IP6, sourceIp: '127.0.0.9' }],
    ['{prober: tcp, tcp: {tls: true}}', { name: 'm', family: IP6, tls: DIRECT }],
    ['{prober: tcp, tcp: {tls: false, tls_config: {server_name: x}}}', { name: 'm', family: IP6 }],
    ['{prober: tcp, tcp: {query_response: []}}', { name: 'm', family: IP6 }],
    ['{prober: tcp, tcp: {query_response: null, tls: null, tls_config: null}}', { name: 'm', family: IP6 }],
  ])('%s is a TCP connect with the defaults of blackbox_exporter', (text, expected) => {
    expect(moduleOf(text)).toEqual(expected);
  });

  it.each([
    ['{tls: true}', DIRECT],
    ['{tls: true, tls_config: {insecure_skip_verify: true}}', { how: 'direct', judge: 'nothing' }],
    [
      '{tls: true, tls_config: {insecure_skip_verify: false, ca_file: a, server_name: X, min_version: TLS12}}',
      { ...DIRECT, ca: { file: 'a' }, serverName: 'x', minVersion: 'TLSv1.2' },
    ],
    [
      '{tls: true, tls_config: {cert: c, key: k, ca: a}}',
      { ...DIRECT, cert: { text: 'c' }, key: { text: 'k' }, ca: { text: 'a' } },
    ],
    [
      '{query_response: [{starttls: true}], tls_config: {ca_file: a}}',
      { how: 'starttls', judge: 'all', ca: { file: 'a' } },
    ],
  ])('TLS of tcp: %s', (tcp, tls) => {
    expect(moduleOf(`{prober: tcp, tcp: ${tcp}}`)).toHaveProperty('tls', tls);
  });

  it('of the file win over built-in ones of the same name', () => {
    const { modules } = configOf('modules: {tls_connect: {prober: tcp}, redis: {prober: tcp}}');
    expect(modules.get('tls_connect')).toEqual({ name: 'tls_connect', family: IP6 });
    expect(modules.get('redis')).toEqual({ name: 'redis', family: IP6 });
  });

  it('are warned of when they have options of other probers', () => {
    const text = 'modules: {a: {prober: tcp, http: {}}, b: {prober: http, tcp: {}, grpc: {tls: true}}}';
    expect(configOf(text).warnings).toEqual([
      'modules.a: http says nothing beside prober tcp',
      'modules.b: tcp, grpc say nothing beside prober http',
    ]);
  });
});

describe('modules of a service', () => {
  it.each([
    ['{prober: redis}', { name: 'm', family: IP4 }],
    ['{prober: redis, redis: , timeout: 2s}', { name: 'm', family: IP4, timeoutMs: 2000 }],
    ['{prober: redis, tls: true}', { name: 'm', family: IP4, tls: DIRECT }],
    ['{prober: smtp, tls: starttls}', { name: 'm', family: IP4, tls: { how: 'starttls', judge: 'all' } }],
    ['{prober: smtps, tls: {ca_file: a}}', { name: 'm', family: IP4, tls: { ...DIRECT, ca: { file: 'a' } } }],
    ['{prober: smtps, tls: false}', { name: 'm', family: IP4 }],
    [
      '{prober: redis, preferred_ip_protocol: ip6, ip_protocol_fallback: false, source_ip_address: "::1"}',
      { name: 'm', family: { prefer: 6, fallback: false }, sourceIp: '::1' },
    ],
  ])('%s', (text, expected) => {
    const { use, ...module } = moduleOf(text) as { use: { check: { name: string } } };
    expect(module).toEqual(expected);
    expect(text).toContain(`prober: ${use.check.name}`);
  });

  it('have the options of the service', () => {
    const module = configOf('modules: {m: {prober: elasticsearch, elasticsearch: {}}}').modules.get('m');
    expect(module?.use?.options).toEqual(module?.use?.check.options.parse({}));
  });
});

describe('what is wrong with a module', () => {
  const tcp = (text: string) => `{prober: tcp, tcp: ${text}}`;
  const step = (text: string) => tcp(`{query_response: [${text}]}`);

  it.each([
    ['{prober: rediss}', '2:15: modules.m.prober: "rediss" is not a known prober: did you mean redis?'],
    [
      '{prober: tcp, tpc: {}}',
      '2:20: modules.m.tpc: "tpc" is not a known key: did you mean tcp? (known here: prober, timeout, tcp, http, dns, icmp, grpc, unix, websocket)',
    ],
    [
      tcp('5'),
      '2:25: modules.m.tcp: must be a mapping with some of the keys preferred_ip_protocol, ip_protocol_fallback, source_ip_address, query_response, tls, tls_config, not 5',
    ],
    [
      tcp('{preferred_ip_protocol: ip5}'),
      '2:49: modules.m.tcp.preferred_ip_protocol: must be ip4 or ip6, not "ip5": did you mean ip4?',
    ],
    [tcp('{ip_protocol_fallback: 1}'), '2:48: modules.m.tcp.ip_protocol_fallback: must be true or false, not 1'],
    [
      tcp('{source_ip_address: here}'),
      '2:45: modules.m.tcp.source_ip_address: must be an IP address of this machine, not "here"',
    ],
    [tcp('{tls: starttls}'), '2:31: modules.m.tcp.tls: must be true or false, not "starttls"'],
    [
      tcp('{tls_config: {ca: a, ca_file: b}}'),
      '2:43: modules.m.tcp.tls_config.ca: is given twice, as ca and ca_file: keep one',
    ],
    [
      tcp('{tls_config: {cert_file: a}}'),
      '2:50: modules.m.tcp.tls_config.cert_file: a client certificate needs key_file beside it',
    ],
    [
      tcp('{tls_config: {min_version: TLS13, max_version: TLS12}}'),
      '2:72: modules.m.tcp.tls_config.max_version: is older than min_version, TLS13',
    ],
    [
      step('{expct: a}'),
      '2:44: modules.m.tcp.query_response[0].expct: "expct" is not a known key: did you mean expect? (known here: expect, labels, expect_bytes, expect_hex, send, send_hex, send_base64, starttls)',
    ],
    [
      step('{expect: "("}'),
      '2:52: modules.m.tcp.query_response[0].expect: is no regular expression (RE2): missing closing ) in "("',
    ],
    [step('{expect: [a]}'), '2:52: modules.m.tcp.query_response[0].expect: must be a regular expression, not a list'],
    [
      step('{expect: a, expect_bytes: b}'),
      '2:69: modules.m.tcp.query_response[0].expect_bytes: does not go with expect in one step: write two steps',
    ],
    [
      step('{send: a, send_hex: "00"}'),
      '2:63: modules.m.tcp.query_response[0].send_hex: does not go with send in one step: write two steps',
    ],
    [
      step('{send: [a]}'),
      '2:50: modules.m.tcp.query_response[0].send: must be what to say, as text or as !!binary, not a list',
    ],
    [
      '{prober: tcp, http: {metod: GET}}',
      /2:27: modules\.m\.http\.metod: "metod" is not a known key: did you mean method\?/,
    ],
    ['{prober: tcp, timeout: 5}', '2:29: modules.m.timeout: needs a unit: write 5s for 5 seconds'],
    [
      tcp('{check_revoked: true}'),
      '2:41: modules.m.tcp.check_revoked: is of a newer blackbox_exporter and not supported: remove it',
    ],
    [step('{send: !!binary "?"}'), '2:59: modules.m.tcp.query_response[0].send: is not base64, as !!binary must be'],
    [
      step('{send_hex: "0"}'),
      '2:54: modules.m.tcp.query_response[0].send_hex: must be bytes in hexadecimal, such as "0d 0a", not "0"',
    ],
    [step('{send_base64: "*"}'), '2:57: modules.m.tcp.query_response[0].send_base64: must be bytes in base64, not "*"'],
    [
      step('{labels: [{name: a}]}'),
      '2:52: modules.m.tcp.query_response[0].labels: needs expect beside it: labels take their values from it',
    ],
    [
      step('{expect: a, labels: [{name: a-b}]}'),
      '2:71: modules.m.tcp.query_response[0].labels[0].name: "a-b" is not a label name: use letters, digits and _, neither a digit nor __ first',
    ],
    [
      step('{expect: a, labels: [{name: a}, {name: a}]}'),
      '2:82: modules.m.tcp.query_response[0].labels[1].name: is the name of two labels: keep one',
    ],
    [
      step(`{send: "${'x'.repeat(17_000)}"}`),
      '2:50: modules.m.tcp.query_response[0].send: must be at most 16384 bytes long',
    ],
    [
      step('{starttls: true}, {starttls: true}'),
      '2:72: modules.m.tcp.query_response[1].starttls: is the second one: TLS is spoken once',
    ],
    [
      tcp('{tls: true, query_response: [{starttls: true}]}'),
      '2:65: modules.m.tcp.query_response[0].starttls: does not go with tls: true, which is TLS from the first byte',
    ],
    [step(Array(101).fill('{}').join(',')), '2:42: modules.m.tcp.query_response: must be at most 100 steps'],
    ['{prober: ssh, tls: true}', '2:25: modules.m.tls: ssh has no TLS: remove tls'],
    ['{prober: redis, redis: {a: 1}}', '2:30: modules.m.redis.a: "a" is not a known option (redis takes none)'],
    [
      '{prober: redis, tcp: {}}',
      '2:22: modules.m.tcp: "tcp" is not a known key (known here: preferred_ip_protocol, ip_protocol_fallback, source_ip_address, tls, redis)',
    ],
  ])('%s', (text, problem) => {
    const expected = typeof problem === 'string' ? `c.yml:${problem}` : expect.stringMatching(problem);
    expect(problemsOf(`modules:\n  m: ${text}`)).toEqual([expected]);
  });

  it('is told all at once', () => {
    const text =
      'modules:\n  m: {prober: tcp, tcp: {tls: 1, query_response: [{expect: "("}, {send: []}]}}\n  n: {prober: x}';
    expect(problemsOf(text).map((line) => /c\.yml:[\d:]* ([^ ]*):/.exec(line)?.[1])).toEqual([
      'modules.m.tcp.tls',
      'modules.m.tcp.query_response[0].expect',
      'modules.m.tcp.query_response[1].send',
      'modules.n.prober',
    ]);
  });
});
