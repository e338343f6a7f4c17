import { describe, expect, it } from 'vitest';
import { configOf, problemsOf } from './reading.ts';

function moduleOf(prober: string, options: string) {
  const module = configOf(`modules:\n  m: {prober: ${prober}, ${prober}: ${options}}`).modules.get('m');
  const use = module?.use && { check: module.use.check.name, ...JSON.parse(JSON.stringify(module.use.options)) };
  return { ...module, use };
}

const IP6 = { prefer: 6, fallback: true };
const DIRECT = { how: 'direct', judge: 'all' };
const LATER = { how: 'later', judge: 'all' };

describe('grpc modules', () => {
  it.each([
    ['', { use: { check: 'grpc', service: '' }, family: IP6, defaultPort: 80 }],
    ['{tls: false, tls_config: {ca_file: a}}', { use: { check: 'grpc', service: '' }, family: IP6, defaultPort: 80 }],
    [
      '{service: 5, tls: yes, tls_config: {ca_file: a}, preferred_ip_protocol: ip4}',
      {
        use: { check: 'grpc', service: '5' },
        family: { prefer: 4, fallback: true },
        tls: { ...DIRECT, ca: { file: 'a' } },
        defaultPort: 443,
      },
    ],
    [
      '{metadata: {tenant: [a, b], x: c}}',
      {
        use: {
          check: 'grpc',
          service: '',
          metadata: [
            ['tenant', { text: 'a', from: 'values' }],
            ['tenant', { text: 'b', from: 'values' }],
            ['x', { text: 'c', from: 'values' }],
          ],
        },
        family: IP6,
        defaultPort: 80,
      },
    ],
  ])('%s', (options, expected) => {
    expect(moduleOf('grpc', options)).toEqual({ name: 'm', ...expected });
  });
});

describe('icmp modules', () => {
  const ECHO = { check: 'icmp', dontFragment: false, ttl: 64 };

  it.each([
    ['', { use: ECHO }],
    ['{payload_size: 0, ttl: 0}', { use: { check: 'icmp', dontFragment: false } }],
    [
      '{payload_size: 65507, ttl: 255, dont_fragment: on}',
      { use: { ...ECHO, payloadSize: 65_507, ttl: 255, dontFragment: true } },
    ],
    ['{source_ip_address: "::1"}', { use: ECHO, sourceIp: '::1' }],
  ])('%s', (options, expected) => {
    // A port says nothing: a host alone will do.
    expect(moduleOf('icmp', options)).toEqual({ name: 'm', family: IP6, defaultPort: 0, ...expected });
  });
});

describe('unix modules', () => {
  it.each([
    ['', {}],
    ['{query_response: [], tls_config: {ca_file: a}}', {}],
    ['{tls: true}', { tls: DIRECT }],
    ['{query_response: [{expect: a}, {send: b}]}', { use: { check: 'unix', steps: [{ expect: 'a' }, { send: 'b' }] } }],
    [
      '{query_response: [{starttls: true}], tls_config: {server_name: x}}',
      { use: { check: 'unix', steps: [{ starttls: true }] }, tls: { how: 'starttls', judge: 'all', serverName: 'x' } },
    ],
  ])('%s', (options, expected) => {
    const use = { check: 'unix', steps: [] };
    expect(moduleOf('unix', options)).toEqual({ name: 'm', family: IP6, use, ...expected });
  });
});

describe('websocket modules', () => {
  const TALK = { check: 'websocket', headers: [], steps: [] };

  it.each([
    ['', { use: TALK, tls: LATER }],
    [
      '{preferred_ip_protocol: ip4, query_response: [{expect: a, send: b}]}',
      { family: { prefer: 4, fallback: true }, use: { ...TALK, steps: [{ expect: 'a', send: 'b' }] }, tls: LATER },
    ],
    [
      '{http_config: {tls_config: {insecure_skip_verify: true}, basic_auth: {username: u, password_file: p}}}',
      {
        use: { ...TALK, auth: { kind: 'basic', username: { text: 'u' }, password: { file: 'p' } } },
        tls: { how: 'later', judge: 'nothing' },
      },
    ],
    [
      '{http_config: {bearer_token: t}}',
      { use: { ...TALK, auth: { kind: 'token', type: 'Bearer', credentials: { text: 't' } } }, tls: LATER },
    ],
    [
      '{http_config: {headers: {A: b, C: [d, 1]}}, headers: {E: {secrets: [f], files: [g]}}}',
      {
        use: {
          ...TALK,
          headers: [
            ['A', { text: 'b', from: 'values' }],
            ['C', { text: 'd', from: 'values' }],
            ['C', { text: '1', from: 'values' }],
            ['E', { text: 'f', from: 'secrets', isSecret: true }],
            ['E', { file: 'g', from: 'files' }],
          ],
        },
        tls: LATER,
      },
    ],
  ])('%s', (options, expected) => {
    expect(moduleOf('websocket', options)).toEqual({ name: 'm', family: IP6, defaultPort: 80, ...expected });
  });
});

describe('what is wrong with such modules', () => {
  it.each([
    ['grpc', '{service: [a]}', 'service: must be the name of a service, not a list'],
    [
      'grpc',
      '{source_ip_address: "::1"}',
      'source_ip_address: "source_ip_address" is not a known key (known here: service, tls, tls_config, metadata, preferred_ip_protocol, ip_protocol_fallback)',
    ],
    ['grpc', '{metadata: {a b: [c]}}', 'metadata["a b"]: "a b" is not the name of a header'],
    ['grpc', '{check_revoked: true}', 'check_revoked: is of a newer blackbox_exporter and not supported: remove it'],
    ['icmp', '{ttl: 256}', 'ttl: must be a whole number from 0 to 255, not 256'],
    ['icmp', '{ttl: -1}', 'ttl: must be a whole number from 0 to 255, not -1'],
    ['icmp', '{ttl: 1.5}', 'ttl: must be a whole number from 0 to 255, not 1.5'],
    ['icmp', '{ttl: "5"}', 'ttl: must be a whole number from 0 to 255, not "5"'],
    ['icmp', '{payload_size: 65508}', 'payload_size: must be a number of bytes from 0 to 65507, not 65508'],
    ['icmp', '{dont_fragment: 1}', 'dont_fragment: must be true or false, not 1'],
    ['icmp', '{source_ip_address: here}', 'source_ip_address: must be an IP address of this machine, not "here"'],
    ['icmp', '{tls: true}', /^tls: "tls" is not a known key \(known here: preferred_ip_protocol, /],
    ['unix', '{preferred_ip_protocol: ip4}', /^preferred_ip_protocol: "preferred_ip_protocol" is not a known key/],
    [
      'unix',
      '{query_response: [{expect: "("}]}',
      'query_response[0].expect: is no regular expression (RE2): missing closing ) in "("',
    ],
    [
      'unix',
      '{query_response: [{expect: a, expect_bytes: b}]}',
      'query_response[0].expect_bytes: does not go with expect in one step: write two steps',
    ],
    [
      'unix',
      '{tls: true, query_response: [{starttls: true}]}',
      'query_response[0].starttls: does not go with tls: true, which is TLS from the first byte',
    ],
    ['unix', '{tls_config: {ca: a, ca_file: b}}', 'tls_config.ca: is given twice, as ca and ca_file: keep one'],
    [
      'websocket',
      '{query_response: [{expect: ":["}]}',
      'query_response[0].expect: is no regular expression (RE2): missing closing ] in "["',
    ],
    [
      'websocket',
      '{query_response: [{send: a}, {starttls: true}]}',
      'query_response[1].starttls: does not go with a WebSocket: TLS is spoken where the address begins with wss://',
    ],
    ['websocket', '{headers: {"A\\nB": c}}', 'headers["A\\nB"]: "A\\nB" is not the name of a header'],
    [
      'websocket',
      '{http_config: {headers: {A: "b\\nc"}}}',
      'http_config.headers.A.values[0]: must be one line of text: a header has no control characters',
    ],
    [
      'websocket',
      '{headers: {A: {value: b}}}',
      'headers.A.value: "value" is not a known key: did you mean values? (known here: values, secrets, files)',
    ],
    [
      'websocket',
      '{http_config: {bearer_token: a, basic_auth: {}}}',
      'http_config.bearer_token: does not go with basic_auth: a request says once who sends it',
    ],
    [
      'websocket',
      '{http_config: {oauth2: {}}}',
      'http_config.oauth2: is not supported for a WebSocket: write authorization with a token',
    ],
    [
      'websocket',
      '{http_config: {proxy_url: "http://p"}}',
      'http_config.proxy_url: proxies are not supported for a WebSocket: remove it',
    ],
    [
      'websocket',
      '{http_config: {enable_http2: true}}',
      'http_config.enable_http2: says nothing for a WebSocket: remove it',
    ],
    [
      'websocket',
      '{http_config: 5}',
      'http_config: must be a mapping with some of the keys basic_auth, authorization, bearer_token, bearer_token_file, headers, tls_config, not a number',
    ],
  ])('%s: %s', (prober, options, problem) => {
    const problems = problemsOf(`modules:\n  m: {prober: ${prober}, ${prober}: ${options}}`);
    const start = /^c\.yml:2:\d+: modules\.m\.\w+\./;
    expect(problems).toEqual([expect.stringMatching(start)]);
    const expected = typeof problem === 'string' ? problem : expect.stringMatching(problem);
    expect(problems[0]?.replace(start, '')).toEqual(expected);
  });
});
