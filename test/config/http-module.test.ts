import { describe, expect, it } from 'vitest';
import { compileCel } from '../../src/checks/cel.ts';
import type { HttpOptions } from '../../src/checks/http-options.ts';
import { configOf, problemsOf } from './reading.ts';

function moduleOf(http: string) {
  return configOf(`modules:\n  m: {prober: http, http: ${http}}`).modules.get('m');
}

/** What the request and its answer are to be, as plain data: patterns and expressions by their text. */
function optionsOf(http: string): unknown {
  return JSON.parse(JSON.stringify(moduleOf(http)?.use?.options));
}

const DEFAULTS = {
  ...{ method: 'GET', headers: [], statuses: [], anyStatus: false, versions: [], followRedirects: true, http2: true },
  ...{ headerMatches: [], headerNotMatches: [], bodyMatches: [], bodyNotMatches: [], contains: [], lacks: [] },
};

describe('the request of an http module', () => {
  it.each(['{}', '', '{method: , headers: , body: "", basic_auth: , proxy_url: "", compression: ""}'])(
    'has the defaults of blackbox_exporter: %s',
    (http) => {
      expect(optionsOf(http)).toEqual(DEFAULTS);
      expect(moduleOf(http)).toMatchObject({
        ...{ name: 'm', family: { prefer: 6, fallback: true }, use: { check: { name: 'http' } }, defaultPort: 80 },
        // The scheme of the target says whether it is spoken.
        tls: { how: 'later', judge: 'all' },
      });
    },
  );

  it.each<[string, Partial<Record<keyof HttpOptions, unknown>>]>([
    ['{method: POST, body: "{}"}', { method: 'POST', body: { text: '{}' } }],
    ['{body: 1.10}', { body: { text: '1.10' } }],
    ['{body: !!binary aGVsbG8=}', { body: { text: 'hello' } }],
    ['{body_file: /files/body.txt}', { body: { file: '/files/body.txt' } }],
    [
      '{headers: {Host: a.example, X-Empty: , X-Number: 0123, X-Flag: true}}',
      {
        headers: [
          ['Host', { text: 'a.example' }],
          ['X-Empty', { text: '' }],
          ['X-Number', { text: '0123' }],
          ['X-Flag', { text: 'true' }],
        ],
      },
    ],
    [
      '{headers: {A: b}, http_headers: {A: {files: [/t], values: [c, 1]}, D: {secrets: [e]}}}',
      {
        headers: [
          ['A', { text: 'b' }],
          ['A', { text: 'c', from: 'values' }],
          ['A', { text: '1', from: 'values' }],
          ['A', { file: '/t', from: 'files' }],
          ['D', { text: 'e', from: 'secrets', isSecret: true }],
        ],
      },
    ],
    ['{valid_status_codes: [200, 1000]}', { statuses: [200, 1000] }],
    ['{accept_any_response: true}', { anyStatus: true }],
    ['{valid_http_versions: ["HTTP/1.1", "HTTP/2"]}', { versions: ['HTTP/1.1', 'HTTP/2'] }],
    ['{follow_redirects: false, enable_http2: false, enable_http3: false}', { followRedirects: false, http2: false }],
    ['{follow_redirects: true, no_follow_redirects: true}', { followRedirects: false }],
    ['{fail_if_ssl: true}', { tls: 'refused' }],
    ['{fail_if_not_ssl: true}', { tls: 'required' }],
    ['{compression: GZIP, headers: }', { compression: 'gzip' }],
    ['{body_size_limit: 10MB}', { bodyLimit: 10 * 1024 ** 2 }],
    ['{body_size_limit: 0}', {}],
    [
      '{fail_if_body_matches_regexp: [a, 5], fail_if_body_not_matches_regexp: ["b$"]}',
      { bodyMatches: ['a', '5'], bodyNotMatches: ['b$'] },
    ],
    ['{fail_if_body_json_matches_cel: "body.a == 1"}', { celMatches: 'body.a == 1' }],
    ['{fail_if_body_json_not_matches_cel: "body.a == 1"}', { celNotMatches: 'body.a == 1' }],
    [
      '{fail_if_header_matches: [{header: Set-Cookie, regexp: ".*", allow_missing: true}], fail_if_header_not_matches: [{header: A, regexp: b}]}',
      {
        headerMatches: [{ header: 'Set-Cookie', pattern: '.*', allowMissing: true }],
        headerNotMatches: [{ header: 'A', pattern: 'b', allowMissing: false }],
      },
    ],
  ])('is as the file says: %s', (http, expected) => {
    expect(optionsOf(http)).toEqual({ ...DEFAULTS, ...expected });
  });

  it('is dialled as the file says', () => {
    const module = moduleOf(
      '{preferred_ip_protocol: ip4, ip_protocol_fallback: no, tls_config: {ca_file: a, server_name: X, insecure_skip_verify: true}}',
    );
    expect(module).toMatchObject({ family: { prefer: 4, fallback: false } });
    expect(module?.tls).toEqual({ how: 'later', judge: 'nothing', ca: { file: 'a' }, serverName: 'x' });
  });

  it('is warned of when it says what has another name by now', () => {
    expect(configOf('modules: {m: {prober: http, http: {no_follow_redirects: true}}}').warnings).toEqual([
      'modules.m: no_follow_redirects is deprecated: write follow_redirects: false',
    ]);
  });
});

describe('what is wrong with an http module', () => {
  const cases: readonly [string, string][] = [
    ['{method: "G T"}', '2:36: modules.m.http.method: must be a method such as GET or POST, not "G T"'],
    ['{body: a, body_file: b}', '2:37: modules.m.http.body_file: does not go with body: keep one'],
    [
      '{valid_status_codes: 200}',
      '2:48: modules.m.http.valid_status_codes: must be a list of status codes, such as [200, 301], not 200',
    ],
    [
      '{valid_status_codes: [2xx]}',
      '2:49: modules.m.http.valid_status_codes[0]: must be a status code such as 200, not "2xx"',
    ],
    [
      '{valid_http_versions: [HTTP/3.0]}',
      '2:50: modules.m.http.valid_http_versions[0]: HTTP/3 is not supported: remove it',
    ],
    [
      '{enable_http3: true}',
      '2:42: modules.m.http.enable_http3: HTTP/3 is not supported: remove it, and probe by HTTP/1.1 or HTTP/2',
    ],
    [
      '{fail_if_ssl: true, fail_if_not_ssl: true}',
      '2:47: modules.m.http.fail_if_not_ssl: does not go with fail_if_ssl: every answer would fail',
    ],
    ['{headers: {A: [b]}}', '2:41: modules.m.http.headers.A: must be text, not a list'],
    ['{headers: [A]}', '2:37: modules.m.http.headers: must be a mapping of names of headers to values, not a list'],
    ['{headers: {"a b": c}}', '2:38: modules.m.http.headers["a b"]: "a b" is not the name of a header'],
    [
      '{headers: {A: "b\\nC: d"}}',
      '2:41: modules.m.http.headers.A: must be one line of text: a header has no control characters',
    ],
    [
      '{headers: {A: b, a: c}}',
      '2:44: modules.m.http.headers.a: is given twice, names of headers being the same in upper and lower case: keep one',
    ],
    [
      '{http_headers: {A: {valuez: [b]}}}',
      '2:47: modules.m.http.http_headers.A.valuez: "valuez" is not a known key: did you mean values? (known here: values, secrets, files)',
    ],
    [
      '{http_headers: {Host: {values: [b]}}}',
      '2:43: modules.m.http.http_headers.Host: cannot be set here: write it under headers, or say who you are by basic_auth or authorization',
    ],
    ['{compression: zstd}', '2:41: modules.m.http.compression: must be gzip, br, deflate or identity, not "zstd"'],
    [
      '{compression: gzip, headers: {accept-Encoding: "br, *;q=0"}}',
      '2:74: modules.m.http.headers.accept-Encoding: does not accept gzip, which compression says the body is in: add it, or remove compression',
    ],
    ['{body_size_limit: 100}', '2:45: modules.m.http.body_size_limit: needs a unit: write 100B for 100 bytes'],
    [
      '{fail_if_body_matches_regexp: ["("]}',
      '2:58: modules.m.http.fail_if_body_matches_regexp[0]: is no regular expression (RE2): missing closing ) in "("',
    ],
    [
      '{fail_if_header_matches: [{header: a}]}',
      '2:53: modules.m.http.fail_if_header_matches[0].regexp: is missing: it must be a regular expression',
    ],
    [
      '{fail_if_header_matches: [{regexp: a}]}',
      '2:53: modules.m.http.fail_if_header_matches[0].header: is missing: it must be the name of a header',
    ],
    [
      '{fail_if_header_matches: [{header: "", regexp: ""}]}',
      '2:62: modules.m.http.fail_if_header_matches[0].header: must not be empty',
    ],
    [
      '{fail_if_header_not_matches: [{header: a, regexp: "["}]}',
      '2:77: modules.m.http.fail_if_header_not_matches[0].regexp: is no regular expression (RE2): missing closing ] in "["',
    ],
    [
      '{tls_config: {cert_file: a}}',
      '2:52: modules.m.http.tls_config.cert_file: a client certificate needs key_file beside it',
    ],
    [
      '{pinned_public_key_hashes: []}',
      '2:54: modules.m.http.pinned_public_key_hashes: is of a newer blackbox_exporter and not supported: remove it',
    ],
    ['[]', '2:27: modules.m.http: must be a mapping, such as {method: GET}, not a list'],
  ];

  it.each(cases)('%s', (http, problem) => {
    expect(problemsOf(`modules:\n  m: {prober: http, http: ${http}}`)[0]).toBe(`c.yml:${problem}`);
  });

  it('is told of keys that there are not', () => {
    expect(problemsOf('modules:\n  m: {prober: http, http: {source_ip_address: 127.0.0.1, metod: GET}}')).toEqual([
      expect.stringContaining('c.yml:2:28: modules.m.http.source_ip_address: "source_ip_address" is not a known key'),
      expect.stringContaining('c.yml:2:58: modules.m.http.metod: "metod" is not a known key: did you mean method?'),
    ]);
  });

  it('is told of an expression that does not compile, and of no other', () => {
    for (const source of ['body.a ==', 'body.a == 1', 'nobody.a']) {
      const compiled = compileCel(source);
      const problems = problemsOf(`modules:\n  m: {prober: http, http: {fail_if_body_json_matches_cel: "${source}"}}`);
      expect(problems).toEqual(
        compiled.ok ? [] : [`c.yml:2:59: modules.m.http.fail_if_body_json_matches_cel: ${compiled.problem}`],
      );
    }
  });

  it('is told all at once', () => {
    const text =
      'modules:\n  m: {prober: http, http: {body: a, body_file: b, method: "G T", bearer_token: t, basic_auth: {}, no_proxy: x, headers: {"": a}}}';
    expect(problemsOf(text).map((line) => /c\.yml:[\d:]* ([^ ]*):/.exec(line)?.[1])).toEqual([
      'modules.m.http.body_file',
      'modules.m.http.method',
      'modules.m.http.bearer_token',
      'modules.m.http.no_proxy',
      'modules.m.http.headers[""]',
    ]);
  });
});
