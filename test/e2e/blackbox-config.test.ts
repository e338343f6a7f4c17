import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { run } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';

type Rows = readonly string[];
type Verdict = 'loads' | 'refused';

const http = (...rows: Rows): Rows => rows.map((row) => `{prober: http, http: {${row}}}`);
const icmp = (...rows: Rows): Rows => rows.map((row) => `{prober: icmp, icmp: {${row}}}`);
const oauth2 = (row: string): string => `oauth2: {client_id: a, token_url: "https://t/", ${row}}`;

/** Modules that both load or both refuse. */
const SAME: Rows = [
  ...['{prober: http}', '{prober: http, http: }', '{prober: http, http: []}', '{prober: http, http: 5}', '5', '[]'],
  ...['{prober: http, tcp: {}, icmp: {}}', '{prober: http, tcp: {x: 1}}', '{prober: http, htp: {}}'],
  ...[
    '{prober: icmp, timeout: 5s}',
    '{prober: icmp, timeout: 5}',
    '{prober: icmp, timeout: 5 s}',
    '{prober: icmp, timeout: }',
  ],
  ...http('method: true', 'method: ""', 'method: [GET]', 'method: GET, method: POST', 'metod: GET'),
  ...http('body: 1.10', 'body: !!binary aGk=', 'body: {}', 'headers: {A: 1, B: true, C: , D: 1.10}'),
  ...http('headers: {A: [x]}', 'headers: [a]', 'headers: {}', 'source_ip_address: 127.0.0.1'),
  ...http('fail_if_ssl: yes', 'fail_if_ssl: on', 'fail_if_ssl: n', 'fail_if_ssl: "yes"', 'fail_if_ssl: TRUE'),
  ...http('fail_if_ssl: "true"', 'fail_if_ssl: 1', 'fail_if_ssl: ', 'fail_if_ssl: oui', 'preferred_ip_protocol: '),
  ...http('valid_status_codes: 200', 'valid_status_codes: []', 'valid_status_codes: [200, 301, -1, 1000]'),
  ...http('valid_status_codes: [200, "301"]', 'valid_status_codes: [2xx]', 'valid_http_versions: HTTP/1.1'),
  ...http(
    'valid_http_versions: [HTTP/2]',
    'valid_http_versions: [1.1]',
    'follow_redirects: false',
    'enable_http2: off',
  ),
  ...http('no_follow_redirects: true', 'no_follow_redirects: true, follow_redirects: true'),
  ...http('compression: GZIP', 'compression: ""', 'compression: identity, headers: {accept-encoding: gzip}'),
  ...http(
    'compression: gzip, headers: {accEpt-enCoding: deflate}',
    'compression: gzip, headers: {Accept-Encoding: ""}',
  ),
  ...http('compression: gzip, headers: {Accept-Encoding: "br;q=1.0, gzip;q=0.9"}'),
  ...http('compression: br, headers: {Accept-Encoding: "gzip, *;q=0.1"}'),
  ...http('compression: br, headers: {Accept-Encoding: "gzip, *;q=0.0"}'),
  ...http('compression: br, headers: {Accept-Encoding: "*;q=0.0, br;q=0.1"}'),
  ...http('compression: gzip, headers: {Accept-Encoding: "gzip;q=0.0004"}'),
  ...http('body_size_limit: 0', 'body_size_limit: 100', 'body_size_limit: "100"', 'body_size_limit: 10MB'),
  ...http('body_size_limit: 10MiB', 'body_size_limit: 10kB', 'body_size_limit: 10mb', 'body_size_limit: 1.5KB'),
  ...http('body_size_limit: 1MB2KB', 'body_size_limit: 1MiB2KB', 'body_size_limit: 10 MB', 'body_size_limit: -1B'),
  ...http('body_size_limit: 8EB', 'body_size_limit: 9999EB', 'body_size_limit: ""', 'body_size_limit: .KB'),
  ...http('fail_if_body_matches_regexp: ["("]', 'fail_if_body_matches_regexp: [""]', 'fail_if_body_matches_regexp: a'),
  ...http('fail_if_body_not_matches_regexp: [5]', 'fail_if_body_not_matches_regexp: [":["]'),
  ...http('fail_if_body_matches_regexp: ["(?P<name>a)"]', 'fail_if_body_matches_regexp: ["(?=a)"]'),
  ...http('fail_if_header_matches: [{header: a}]', 'fail_if_header_matches: [{regexp: a}]'),
  ...http('fail_if_header_matches: [{header: a, regexp: b, allow_missing: true}]', 'fail_if_header_matches: {}'),
  ...http(
    'fail_if_header_matches: [{header: a, regexp: ""}]',
    'fail_if_header_matches: [{header: a, regexp: b, x: y}]',
  ),
  ...http('fail_if_header_not_matches: [{header: a, regexp: ":["}]', 'fail_if_header_not_matches: [{}]'),
  ...http('basic_auth: {}', 'basic_auth: ', 'basic_auth: {username: 5, password: 0123}', 'basic_auth: {user: a}'),
  ...http('basic_auth: {password: a, password_file: b}', 'basic_auth: {password: "", password_file: b}'),
  ...http('bearer_token: a', 'bearer_token: [a]', 'bearer_token: a, bearer_token_file: b', 'bearer_token_file: /none'),
  ...http('bearer_token: a, basic_auth: {}', 'bearer_token: "", basic_auth: {username: a}'),
  ...http('authorization: {}', 'authorization: {type: Token, credentials: a}', 'authorization: {type: bAsic}'),
  ...http('authorization: {credentials: a}, bearer_token: b', 'authorization: {credentials: a, credentials_file: b}'),
  ...http('authorization: {credentials: a}, basic_auth: {}', 'oauth2: {}', 'oauth2: {token_url: "https://t/"}'),
  ...http(
    oauth2('client_secret: s'),
    oauth2('client_secret: s, client_secret_file: t'),
    oauth2('client_secret_file: t'),
  ),
  ...http(oauth2('client_secret: s, scopes: [a], endpoint_params: {b: 5}'), oauth2('client_secret: s, scopes: a')),
  ...http(`${oauth2('client_secret: s')}, basic_auth: {}`, `${oauth2('client_secret: s')}, authorization: {}`),
  ...http('proxy_url: "http://p:3128"', 'proxy_url: ""', 'proxy_url: "http://p:port"', 'proxy_url: "10.0.0.1:3128"'),
  ...http('proxy_url: "http://u:p@p"', 'proxy_url: "%"', 'proxy_connect_header: {A: [b]}'),
  ...http('proxy_url: "http://p", proxy_connect_header: {A: [b]}', 'tls_config: {max_version: TLS13}'),
  ...http('skip_resolve_phase_with_proxy: true', 'skip_resolve_phase_with_proxy: 1'),
  ...http('tls_config: {ca_file: /none}', 'tls_config: {ca_file: /none, cert_file: /none, key_file: /none}'),
  ...http(
    'tls_config: {min_version: TLS9}',
    'tls_config: {insecure_skip_verify: yes}',
    'tls_config: ',
    'tls_config: {a: b}',
  ),
  ...[
    '{prober: grpc}',
    '{prober: grpc, grpc: }',
    '{prober: grpc, grpc: {service: 5, tls: true, tls_config: {ca_file: a}}}',
  ],
  ...[
    '{prober: grpc, grpc: {service: [a]}}',
    '{prober: grpc, grpc: {source_ip_address: "::1"}}',
    '{prober: grpc, grpc: {tls: 1}}',
  ],
  ...icmp(
    '',
    'ttl: 0',
    'ttl: 255',
    'ttl: 256',
    'ttl: -1',
    'ttl: a',
    'ttl: "5"',
    'payload_size: 1400',
    'payload_size: b',
  ),
  ...icmp(
    'dont_fragment: true, preferred_ip_protocol: ip6',
    'source_ip_address: "::1"',
    'source_ip_address: ',
    'hops: 5',
  ),
  ...['{prober: tcp, tcp: {tls: yes}}', '{prober: tcp, tcp: {query_response: [{expect: 1.50, send: true}]}}'],
  ...['{prober: tcp, tcp: {query_response: [{expect: ":["}]}}', '{prober: tcp, tcp: {query_response: {}}}'],
  ...[
    '{prober: dns, dns: {query_name: a}}',
    '{prober: dns, dns: {query_name: a, query_type: X}}',
    '{prober: dns, dns: {query_name: ""}}',
  ],
];

/** What later versions have, 0.28 most of it, and 0.23 does not know yet: that one refuses it. */
const NEWER: Rows = [
  ...http(
    'body_file: /none',
    'accept_any_response: true',
    'enable_http3: false',
    'fail_if_body_json_matches_cel: "body.a == 1"',
  ),
  ...http('fail_if_body_json_not_matches_cel: "body.a == 1"', 'basic_auth: {username_file: a}', 'tls_config: {ca: a}'),
  ...http('proxy_url: "http://p", no_proxy: a', 'proxy_from_environment: true'),
  ...http('http_headers: {A: {values: [b], secrets: [c]}}', 'fail_if_body_matches_regexp: ["(?<name>a)"]'),
  // There the secret had to be.
  ...http(oauth2('scopes: []')),
  ...['{prober: unix, unix: {}}', '{prober: websocket, websocket: {}}'],
  '{prober: tcp, tcp: {query_response: [{expect: a, labels: [{name: b, value: c}]}]}}',
  '{prober: tcp, tcp: {query_response: [{expect_bytes: a}]}}',
];

/** What 0.28 refuses as well; 0.23 had not thought of it. */
const REFUSED_SINCE: Rows = [
  ...http('tls_config: {cert_file: a}', 'tls_config: {key_file: a}', 'valid_http_versions: [HTTP/3.0]'),
  // Of a later version still, which knows its probers.
  ...['{prober: nonsense}', '{}'],
];

/** What could never work there either, or not in the way that somebody meant: better told at once. */
const STRICTER: readonly (readonly [why: string, rows: Rows])[] = [
  [
    'every probe would fail there',
    http('method: "G T"', 'headers: {"a b": c}', 'headers: {A: "b\\nc"}', 'compression: zstd'),
  ],
  [
    'every probe would fail there',
    http('fail_if_ssl: true, fail_if_not_ssl: true', oauth2('client_secret: s').replace('https', 'ftp')),
  ],
  ['every probe would fail there', http('proxy_url: "p:3128"', 'proxy_url: "ftp://p"', 'proxy_url: "http://p:99999"')],
  ['every probe would fail there', icmp('payload_size: -1', 'payload_size: 70000', 'source_ip_address: here')],
  ['every probe would fail there', http('fail_if_body_matches_regexp: [~]', 'fail_if_header_matches: [~]')],
  ['which of the two is sent there is chance', http('headers: {A: b, a: c}')],
  ['anything but ip6 is ip4 there', http('preferred_ip_protocol: ip5', 'preferred_ip_protocol: 4')],
  [
    'a number is cut there, or of another base',
    [...http('valid_status_codes: [200.0]', 'valid_status_codes: [0x40]'), ...icmp('ttl: 1.5')],
  ],
  ['nothing but [0] is said there', http('valid_status_codes: [~]')],
  ['not supported', http('proxy_url: "socks5://p:1"', oauth2('client_secret: s, tls_config: {}'))],
  ['not supported', http(oauth2('client_secret: s, proxy_url: "http://p"'))],
];

function ours(module: string): Verdict {
  return loadConfig('bb.yml', fileOf(module), { listeners: () => [] }).ok ? 'loads' : 'refused';
}

function fileOf(module: string): string {
  return `modules:\n  m: ${module}\n`;
}

async function theirs(stage: Stage, text: string): Promise<Verdict> {
  const flags = ['--config.check', `--config.file=${stage.write('bb.yml', text)}`];
  const { code } = await run(['prometheus-blackbox-exporter', ...flags]);
  return code === 0 ? 'loads' : 'refused';
}

/** Each module with both verdicts. */
async function verdicts(stage: Stage, modules: Rows): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const module of modules)
    lines.push(`there ${await theirs(stage, fileOf(module))}, here ${ours(module)}: ${module}`);
  return lines;
}

function expected(there: Verdict, here: Verdict, modules: Rows): readonly string[] {
  return modules.map((module) => `there ${there}, here ${here}: ${module}`);
}

const same = needs('prometheus-blackbox-exporter');

same('modules that blackbox_exporter loads are loaded, and those that it refuses are refused', async (stage) => {
  const found = await verdicts(stage, SAME);
  expect(found.filter((line) => !/^there (\w+), here \1:/.test(line))).toEqual([]);
  expect(found.filter((line) => line.startsWith('there loads')).length).toBeGreaterThan(50);
  expect(found.filter((line) => line.startsWith('there refused')).length).toBeGreaterThan(50);
});

same('modules are loaded that the version of Debian does not know yet', async (stage) => {
  expect(await verdicts(stage, NEWER)).toEqual(expected('refused', 'loads', NEWER));
});

same('modules are refused that later versions refuse too', async (stage) => {
  expect(await verdicts(stage, REFUSED_SINCE)).toEqual(expected('loads', 'refused', REFUSED_SINCE));
});

same('modules that cannot do what is meant are refused, for the reasons listed', async (stage) => {
  const rows = STRICTER.flatMap(([, modules]) => modules);
  expect(await verdicts(stage, rows)).toEqual(expected('loads', 'refused', rows));
});

/** Modules of the example with something that 0.23 does not know yet. */
const NEWER_EXAMPLES = [
  ...['http_through_proxy', 'http_through_proxy_of_environment', 'http_post_file', 'http_json'],
  ...['http_json_not', 'http_more_headers', 'smtp_starttls', 'postgresql_tls', 'unix_redis', 'websocket_echo'],
];

same('the modules of our example are right for blackbox_exporter too', async (stage) => {
  const text = readFileSync(new URL('../fixtures/blackbox-example.yml', import.meta.url), 'utf8');
  const modules = Object.entries((parse(text) as { modules: Record<string, unknown> }).modules);
  const refused: string[] = [];
  for (const [name, module] of modules)
    if ((await theirs(stage, fileOf(JSON.stringify(module)))) === 'refused') refused.push(name);
  expect(refused).toEqual(NEWER_EXAMPLES);
});
