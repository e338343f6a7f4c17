import { describe, expect, it } from 'vitest';
import { configOf, group } from './reading.ts';

/** What becomes of one module. */
function moduleOf(text: string) {
  const { modules, unusableModules } = configOf(`modules:\n  m: ${text}`);
  return modules.get('m') ?? unusableModules.get('m');
}

const IP6 = { prefer: 6, fallback: true };

describe('modules', () => {
  it('has the built-in ones always', () => {
    const { modules } = configOf(group('h:1'));
    expect([...modules.values()]).toEqual([
      { name: 'tcp_connect', family: { prefer: 4, fallback: true } },
      { name: 'tls_connect', family: { prefer: 4, fallback: true }, tls: {} },
    ]);
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
    ['{prober: tcp, tcp: {preferred_ip_protocol: ip4}}', { name: 'm', family: { prefer: 4, fallback: true } }],
    ['{prober: tcp, tcp: {ip_protocol_fallback: false}}', { name: 'm', family: { prefer: 6, fallback: false } }],
  ])('%s is a TCP connect with the defaults of blackbox_exporter', (text, expected) => {
    expect(moduleOf(text)).toEqual(expected);
  });

  it.each([
    ['{prober: http}', 'prober "http" is not in this version: it has tcp'],
    ['{prober: tcp, http: {}}', 'http beside prober tcp is not in this version'],
    ['{prober: tcp, tcp: {tls: true, query_response: []}}', 'tcp.tls, tcp.query_response is not in this version'],
    ['{prober: tcp, tcp: 5}', 'tcp is not a mapping'],
    ['{prober: tcp, tcp: {preferred_ip_protocol: ip5}}', 'tcp.preferred_ip_protocol is not ip4 or ip6'],
    ['{prober: tcp, tcp: {ip_protocol_fallback: 1}}', 'tcp.ip_protocol_fallback is not true or false'],
  ])('%s is kept, with the reason why it cannot be used', (text, why) => {
    expect(moduleOf(text)).toBe(why);
  });

  it('of the file win over built-in ones of the same name, also when they cannot be used', () => {
    const config = configOf('modules: {tcp_connect: {prober: http}, tls_connect: {prober: tcp}}');
    expect([...config.modules.values()]).toEqual([{ name: 'tls_connect', family: IP6 }]);
    expect([...config.unusableModules.keys()]).toEqual(['tcp_connect']);
  });

  it('that cannot be used are one warning', () => {
    const text =
      'modules: {a: {prober: http}, b: {prober: icmp}, c: {prober: dns}, d: {prober: grpc}, e: {prober: tcp}}';
    expect(configOf(text).warnings).toEqual([
      '4 of the modules cannot be used yet (a: prober "http" is not in this version: it has tcp, b: prober "icmp" is not in this version: it has tcp, c: prober "dns" is not in this version: it has tcp and 1 more): /probe refuses them, everything else works',
    ]);
  });

  it('of a blackbox_exporter file load as they are', () => {
    const text = `
modules:
  http_2xx:
    prober: http
    http:
      preferred_ip_protocol: "ip4"
      basic_auth: { username: probe, password: hunter2 }
  tcp_connect:
    prober: tcp
  pop3s_banner:
    prober: tcp
    tcp:
      query_response:
        - expect: "^+OK"
      tls: true
      tls_config:
        insecure_skip_verify: false
`;
    const { modules, unusableModules, effective } = configOf(text);
    expect([...modules.keys()]).toEqual(['tls_connect', 'tcp_connect']);
    expect([...unusableModules.keys()]).toEqual(['http_2xx', 'pop3s_banner']);
    expect(effective).not.toContain('hunter2');
  });
});
