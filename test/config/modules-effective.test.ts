// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the templates of the dialogue, as Go writes them.
import { describe, expect, it } from 'vitest';
import { probeKey } from '../../src/probe/spec.ts';
import { configOf } from './reading.ts';

const MODULES = [
  '{prober: tcp, timeout: 1.5s, tcp: {source_ip_address: 127.0.0.1, ip_protocol_fallback: false}}',
  '{prober: tcp, tcp: {tls: true, tls_config: {server_name: x, ca_file: a, cert_file: c, key_file: k, min_version: TLS12}}}',
  '{prober: tcp, tcp: {tls: true, tls_config: {insecure_skip_verify: true, max_version: TLS13}}}',
  '{prober: tcp, tcp: {query_response: [{expect: "^220 (.*)$", labels: [{name: a, value: "${1} \\"x\\""}], send: "EHLO me\\r"}, {starttls: true}], tls_config: {server_name: x}}}',
  '{prober: tcp, tcp: {query_response: [{send: !!binary AAAACATSFi8=}, {expect_bytes: S}, {expect_hex: "00ff"}, {send_hex: "0d0a"}, {send_base64: AA==}]}}',
  '{prober: redis, tls: true}',
  '{prober: smtp, tls: starttls, timeout: 3s}',
  '{prober: smtp, tls: {starttls: true, ca_file: a}, preferred_ip_protocol: ip6}',
  '{prober: postgresql}',
  '{prober: postgresql, tls: false}',
  '{prober: kubernetes}',
  '{prober: http, http: {}}',
  '{prober: dns, dns: {query_name: example.org}}',
  '{prober: dns, timeout: 2s, dns: {query_name: "a\\\\.b.example.org.", query_type: SOA, query_class: CH, recursion_desired: false, transport_protocol: tcp, valid_rcodes: [NXDOMAIN, NOERROR]}}',
  '{prober: dns, dns: {query_name: ., transport_protocol: tcp, dns_over_tls: true, tls_config: {server_name: x, ca_file: a}, source_ip_address: "::1"}}',
  '{prober: dns, dns: {query_name: x, validate_answer_rrs: {fail_if_matches_regexp: [a, "\\\\tb"], fail_if_all_match_regexp: [c]}, validate_authority_rrs: {fail_if_not_matches_regexp: [d]}, validate_additional_rrs: {fail_if_none_matches_regexp: [e]}}}',
  '{prober: dns, dns: {zone: example.org}}',
];

/** What a module does, so that equal ones are equal: patterns by their text. */
function ways(text: string): unknown {
  const { modules } = configOf(text);
  const endpoint = { host: 'h', port: 1 };
  return Array.from(modules.values(), ({ name, timeoutMs = 0, ...way }) => [
    name,
    timeoutMs,
    probeKey({ endpoint, timeoutMs, ...way }),
  ]);
}

describe('modules in the effective configuration', () => {
  it.each(MODULES)('can be loaded and mean the same: %s', (module) => {
    const text = `modules:\n  m: ${module}`;
    const { effective } = configOf(text);
    expect(ways(effective)).toEqual(ways(text));
    expect(configOf(effective).effective).toBe(effective);
  });

  it('have every default written out', () => {
    const { effective } = configOf(
      'modules: {a: {prober: tcp, tcp: {query_response: [{expect: x}]}}, b: {prober: redis}}',
    );
    expect(effective.slice(effective.indexOf('modules:'))).toBe(`modules:
  a:
    prober: tcp
    tcp:
      preferred_ip_protocol: ip6
      ip_protocol_fallback: true
      query_response:
        - expect: x
      tls: false
  b:
    prober: redis
    redis: {}
    preferred_ip_protocol: ip4
    ip_protocol_fallback: true
`);
  });

  it('do not tell a key', () => {
    const { effective } = configOf(
      'modules: {m: {prober: tcp, tcp: {tls: true, tls_config: {cert: certificate, key: hunter2}}}}',
    );
    expect(effective).not.toContain('hunter2');
    expect(effective).toContain('cert: certificate');
    expect(effective).toContain('key: <secret>'.replace('<secret>', '"<secret>"'));
  });

  it('do not tell what a module that cannot be used has', () => {
    const { effective } = configOf('modules: {m: {prober: http, http: {basic_auth: {password: hunter2}}}}');
    expect(effective).not.toContain('hunter2');
  });
});
