import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/config.ts';
import { loadWebConfig } from '../../src/config/web-load.ts';

const FILE = fileURLToPath(new URL('../fixtures/tls/web.yml', import.meta.url));
const CERT = 'cert_file: self-signed.crt';
const KEY = 'key_file: self-signed.key';
const PAIR = `${CERT}, ${KEY}`;
const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';
const AES128 = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
const CLIENT_CA = 'client_ca_file: self-signed.crt';

/** What is wrong with a text, without the name of the file. */
function problemsOf(text: string): string[] {
  const result = loadWebConfig(FILE, text);
  return result.ok ? [] : result.problems.map((problem) => formatProblem(problem).replace(`${FILE}:`, ''));
}

describe('problems of a web configuration', () => {
  const WHOLE = 'tls_server_config, http_server_config, basic_auth_users, rate_limit';

  it.each([
    ['[]', `1:1: must be a mapping with some of the keys ${WHOLE}, not a list`],
    ['hunter2', `1:1: must be a mapping with some of the keys ${WHOLE}, not text`],
    [
      'basic_auth_users: hunter2',
      '1:19: basic_auth_users: must be a mapping of users to the bcrypt hashes of their passwords, not text',
    ],
    [
      'basic_auth_user: {}',
      `1:1: basic_auth_user: "basic_auth_user" is not a known key: did you mean basic_auth_users? (known here: ${WHOLE})`,
    ],
    ['modules: {}', `1:1: modules: "modules" is not a known key (known here: ${WHOLE})`],
    ['rate_limit: {}\nrate_limit: {}', '2:1: rate_limit: is given twice: keep one of them'],
    [
      'rate_limit: {}\n---\nrate_limit: {}',
      '2:1: a second document starts here: one file holds one configuration, remove the "---"',
    ],
    ['rate_limit: {interval: 1}', '1:24: rate_limit.interval: needs a unit: write 1s for 1 second'],
    ['rate_limit: {interval: 1 s}', '1:24: rate_limit.interval: must be a duration such as 5s or 1.5s, not "1 s"'],
    ['rate_limit: {burst: 1.5}', '1:21: rate_limit.burst: must be a whole number of requests, not 1.5'],
    ['rate_limit: {burst: "5"}', '1:21: rate_limit.burst: must be a whole number of requests, not "5"'],
    ['http_server_config: {http2: 1}', '1:29: http_server_config.http2: must be true or false, not 1'],
    [
      'http_server_config: {headers: {Server: x}}',
      '1:32: http_server_config.headers.Server: "Server" is not a known key (known here: Content-Security-Policy, X-Frame-Options, X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security)',
    ],
    [
      'http_server_config: {headers: {X-Frame-Options: DENY}}',
      '1:49: http_server_config.headers.X-Frame-Options: must be deny or sameorigin, not "DENY": did you mean deny?',
    ],
    [
      'http_server_config: {headers: {X-Content-Type-Options: }}',
      '1:56: http_server_config.headers.X-Content-Type-Options: is empty: it must be nosniff',
    ],
    [
      'http_server_config: {headers: {X-XSS-Protection: "a\\r\\nb"}}',
      '1:50: http_server_config.headers.X-XSS-Protection: must be one line of Latin text: a header takes nothing else',
    ],
    [
      'http_server_config: {headers: {X-XSS-Protection: [a]}}',
      '1:50: http_server_config.headers.X-XSS-Protection: must be text, not a list',
    ],
  ])('%s', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it.each([
    ['[]', '1:19: basic_auth_users: must be a mapping of users to the bcrypt hashes of their passwords, not a list'],
    ['secret', '1:19: basic_auth_users: must be a mapping of users to the bcrypt hashes of their passwords, not text'],
    ...[
      'secret',
      '',
      '5',
      '[a]',
      '$1$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zGff',
      HASH.slice(0, -1),
      `${HASH}x`,
      HASH.replace('$10$', '$03$'),
      HASH.replace('$10$', '$32$'),
      HASH.replace('.', '!'),
    ].map((hash) => [
      `{a: ${hash === '' ? '' : hash}}`,
      '1:23: basic_auth_users.a: is no bcrypt hash ($2y$10$ and 53 characters): make one with: htpasswd -nBC 10 NAME',
    ]),
  ])('users %s, never with what was written', (text, problem) => {
    const [found = '', ...others] = problemsOf(`basic_auth_users: ${text}`);
    expect(others).toEqual([]);
    expect(found.replace('1:22', '1:23')).toBe(problem);
  });

  it.each([
    ['cert_file: self-signed.crt', '1:20: tls_server_config: needs key_file, the key of this server'],
    ['key_file: self-signed.key', '1:20: tls_server_config: needs cert_file, the certificate of this server'],
    [
      `${PAIR}, ca_file: x`,
      /^1:\d+: tls_server_config\.ca_file: "ca_file" is not a known key \(known here: cert_file, key_file/,
    ],
    [
      `${PAIR}, ${CLIENT_CA}`,
      /^1:\d+: tls_server_config\.client_ca_file: vouches for nobody: without client_auth_type no client is asked/,
    ],
    [
      `${PAIR}, ${CLIENT_CA}, client_auth_type: NoClientCert`,
      /^1:\d+: tls_server_config\.client_ca_file: vouches for nobody/,
    ],
    [
      `${PAIR}, client_allowed_sans: []`,
      /client_allowed_sans: needs client_auth_type RequireAndVerifyClientCert: NoClientCert lets in clients without/,
    ],
    [
      `${PAIR}, client_allowed_sans: [a], client_auth_type: VerifyClientCertIfGiven`,
      /client_allowed_sans: needs client_auth_type RequireAndVerifyClientCert: VerifyClientCertIfGiven lets in/,
    ],
    [
      `${PAIR}, client_auth_type: requireandverifyclientcert`,
      /client_auth_type: must be NoClientCert, .*: did you mean RequireAndVerifyClientCert\?$/,
    ],
    [
      `${PAIR}, min_version: TLS13, max_version: TLS12`,
      /max_version: leaves no version: min_version is TLS13, max_version TLS12$/,
    ],
    [`${PAIR}, max_version: TLS11`, /max_version: leaves no version: min_version is TLS12, max_version TLS11$/],
    [`${PAIR}, min_version: SSL30`, /min_version: must be TLS10, TLS11, TLS12 or TLS13, not "SSL30"/],
    [`${PAIR}, min_version: ""`, /min_version: must be TLS10, TLS11, TLS12 or TLS13, not ""$/],
    [
      `${PAIR}, cipher_suites: [${AES128}, TLS_RSA_WITH_RC4_128_SHA]`,
      /cipher_suites\[1\]: must be TLS_AES_128_GCM_SHA256, .*, not "TLS_RSA_WITH_RC4_128_SHA": did you mean/,
    ],
    [`${PAIR}, cipher_suites: ${AES128}`, /cipher_suites: must be a list of ciphers, not "TLS_ECDHE/],
    [
      `${PAIR}, cipher_suites: [TLS_AES_128_GCM_SHA256]`,
      /cipher_suites: must have TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 or TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, which HTTP\/2 needs, unless http2 is false$/,
    ],
    [
      `${PAIR}, curve_preferences: [P256]`,
      /curve_preferences\[0\]: must be CurveP256, CurveP384, CurveP521 or X25519, not "P256"$/,
    ],
    [`${KEY}, cert_file: none.crt`, /cert_file: cannot read the certificate .*none\.crt: there is no such file$/],
    [`${KEY}, cert_file: .`, /cert_file: cannot read the certificate .*: it is a directory$/],
    [`${KEY}, cert_file: self-signed.key`, /cert_file: the certificate .* has no certificate in it: PEM is due/],
    [`${CERT}, key_file: self-signed.crt`, /key_file: the key .* cannot be read: a private key in PEM is due$/],
    [`${CERT}, key_file: nameless.key`, /key_file: the key .* is not that of the certificate .*self-signed\.crt$/],
    [`${KEY}, cert: nonsense`, /cert: the certificate in the configuration has no certificate in it/],
    [
      `${PAIR}, client_ca_file: self-signed.key, client_auth_type: RequireAndVerifyClientCert`,
      /client_ca_file: the authority of clients .* has no certificate in it/,
    ],
  ])('tls_server_config {%s}', (keys, problem) => {
    expect(problemsOf(`tls_server_config: {${keys}}`)).toEqual([
      typeof problem === 'string' ? problem : expect.stringMatching(problem),
    ]);
  });

  it('are told all at once, in the order of the file', () => {
    const text =
      'http_server_config: {http2: 2}\ntls_server_config:\n  cert_file: no.crt\n  key_file: no.key\nusers: {}\n';
    expect(problemsOf(text).map((problem) => problem.replace(/: .*/, ''))).toEqual(['1:29', '3:14', '4:13', '5:1']);
  });

  it('do not follow from others: what is wrong is not missing', () => {
    expect(problemsOf(`tls_server_config: {cert_file: [a], ${KEY}}`)).toEqual([
      '1:32: tls_server_config.cert_file: must be the name of a file, not a list',
    ]);
    expect(problemsOf(`tls_server_config: {${PAIR}, ${CLIENT_CA}, client_auth_type: Yes}`)).toHaveLength(1);
  });
});
