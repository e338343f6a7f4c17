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
  '{prober: http}',
  '{prober: http, http: {method: PUT, headers: {Host: a, X: 0123}, http_headers: {X: {values: [b], files: [c]}}, body: "{}", valid_status_codes: [200], accept_any_response: true, valid_http_versions: [HTTP/1.1], follow_redirects: false, fail_if_not_ssl: true, compression: br, body_size_limit: 10MB, enable_http2: false}}',
  '{prober: http, timeout: 5s, http: {no_follow_redirects: true, fail_if_ssl: true, body_file: a, preferred_ip_protocol: ip4, ip_protocol_fallback: false, tls_config: {ca_file: a, insecure_skip_verify: true}}}',
  '{prober: http, http: {fail_if_body_matches_regexp: [a, "\\tb"], fail_if_body_not_matches_regexp: [""], fail_if_header_matches: [{header: a, regexp: b, allow_missing: true}], fail_if_header_not_matches: [{header: c, regexp: "d\\\\."}], fail_if_body_json_matches_cel: "body.a == \'b\'", fail_if_body_json_not_matches_cel: "body.c > 1"}}',
  '{prober: http, http: {basic_auth: {username: a, password_file: b}, proxy_url: "http://a:3128", no_proxy: "b, c", skip_resolve_phase_with_proxy: true}}',
  '{prober: http, http: {basic_auth: {username_file: a}, proxy_from_environment: true}}',
  '{prober: http, http: {authorization: {type: Token, credentials_file: a}}}',
  '{prober: http, http: {authorization: {}}}',
  '{prober: http, http: {bearer_token_file: a}}',
  '{prober: http, http: {oauth2: {client_id: a, client_secret_file: b, token_url: "https://c/d", scopes: [e], endpoint_params: {audience: f}}}}',
  '{prober: grpc}',
  '{prober: grpc, grpc: {service: a, tls: true, tls_config: {server_name: b}, ip_protocol_fallback: false}}',
  '{prober: icmp}',
  '{prober: icmp, icmp: {payload_size: 100, ttl: 0, dont_fragment: true, source_ip_address: 127.0.0.1}}',
  '{prober: unix}',
  '{prober: unix, unix: {query_response: [{expect: a}, {send: b}], tls: true, tls_config: {ca_file: c}}}',
  '{prober: websocket}',
  '{prober: websocket, websocket: {http_config: {headers: {A: b}, authorization: {credentials_file: c}, tls_config: {ca_file: d}}, headers: {E: {files: [f], values: [g, h]}}, query_response: [{expect: i, send: "${1}"}], preferred_ip_protocol: ip4}}',
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

  it('of http have theirs written out too', () => {
    const { effective } = configOf('modules: {a: {prober: http}}');
    expect(effective.slice(effective.indexOf('modules:'))).toBe(`modules:
  a:
    prober: http
    http:
      preferred_ip_protocol: ip6
      ip_protocol_fallback: true
      method: GET
      valid_status_codes: []
      valid_http_versions: []
      follow_redirects: true
      fail_if_ssl: false
      fail_if_not_ssl: false
      body_size_limit: 0
      enable_http2: true
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

  it('do not tell passwords, tokens and what headers say of us', () => {
    const http = [
      'basic_auth: {username: user, password: hunter2}',
      'authorization: {credentials: hunter2}',
      'bearer_token: hunter2',
      'oauth2: {client_id: a, client_secret: hunter2, token_url: "https://me:hunter2@a/?b=hunter2&c=hunter2", endpoint_params: {password: hunter2, assertion: hunter2, audience: b}}',
      'headers: {Authorization: hunter2, cookie: hunter2, X-API-Key: hunter2, X-Auth-Token: hunter2, Accept: text/html}',
      'http_headers: {A: {secrets: [hunter2], values: [b]}, X-Token: {values: [hunter2]}}',
      'proxy_url: "http://me:hunter2@proxy:3128/", proxy_connect_header: {A: [hunter2, hunter2]}',
      'proxy_url: "http://hunter2@proxy:3128"',
      'body: "user=me&password=hunter2"',
    ].map((options, i) => `  h${i}: {prober: http, http: {${options}}}\n`);
    const websocket = [
      'http_config: {basic_auth: {username: user, password: hunter2}}',
      'http_config: {bearer_token: hunter2, headers: {Cookie: hunter2}}',
      'headers: {Authorization: hunter2, A: {secrets: [hunter2]}}',
    ].map((options, i) => `  w${i}: {prober: websocket, websocket: {${options}}}\n`);
    const text = `modules:\n${[...http, ...websocket].join('')}`;
    const { effective } = configOf(text);
    expect(effective).not.toContain('hunter2');
    expect(configOf(effective).effective).toBe(effective);
    const shown = [
      ...['username: user', 'Accept: text/html', 'audience: b', 'X-API-Key: "<secret>"', 'password: "<secret>"'],
      ...['proxy_url: "http://me:<secret>@proxy:3128/"', 'proxy_url: "http://<secret>@proxy:3128"'],
      'token_url: "https://me:<secret>@a/?b=<secret>&c=<secret>"',
    ];
    for (const line of shown) expect(effective).toContain(line);
  });
});
