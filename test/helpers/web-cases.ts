type Rows = readonly string[];

const PAIR = 'cert_file: web.crt, key_file: web.key';
const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';
const AES128 = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
const AES256 = 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384';
const TLS13 = 'TLS_AES_128_GCM_SHA256';

const section = (...rows: Rows): Rows => rows.map((row) => `tls_server_config: {${row}}`);
const tls = (...rows: Rows): Rows => section(...rows.map((row) => `${PAIR}, ${row}`));
const http = (...rows: Rows): Rows => rows.map((row) => `http_server_config: {${row}}`);
const headers = (...rows: Rows): Rows => http(...rows.map((row) => `headers: {${row}}`));
const users = (...rows: Rows): Rows => rows.map((row) => `basic_auth_users: ${row}`);

/** Web configurations that exporter-toolkit 0.8 and we both take, or both refuse. web.crt, web.key and other.key are beside the file. */
export const SAME: Rows = [
  ...['', '# nothing', 'null', '[]', 'text', 'modules: {}', 'users: {}', 'a: [', '\thttp_server_config: {}'],
  ...['tls_server_config:', 'tls_server_config: []', 'tls_server_config: ""', 'tls_server_config: text'],
  ...['http_server_config: {}\nhttp_server_config: {}', 'http_server_config: &a {}\ntls_server_config: *a'],
  ...['tls_server_config: {<<: {cert_file: web.crt}, key_file: web.key}', '%YAML 1.1\n---\nhttp_server_config: {}'],
  ...section('', PAIR, 'cert_file: web.crt', 'key_file: web.key', 'cert_file: "", key_file: ""', 'cert_file: [a]'),
  ...section('cert_file: 5, key_file: web.key', 'cert_file: none, key_file: none', 'cert_file: ., key_file: web.key'),
  ...section('cert_file: web.key, key_file: web.key', 'cert_file: web.crt, key_file: web.crt', 'min_version: TLS12'),
  ...section('cert_file: web.crt, key_file: other.key', 'cert_file: empty, key_file: web.key'),
  ...section('client_auth_type: NoClientCert', 'client_auth_type: x', 'client_ca_file: web.crt', 'min_version: x'),
  ...section('cert_file: , key_file: ', 'prefer_server_cipher_suites: true', 'cert_file: both, key_file: both'),
  ...tls('ca_file: web.crt', 'client_ca_file: web.crt', 'client_ca_file: web.crt, client_auth_type: NoClientCert'),
  ...['RequestClientCert', 'RequireAnyClientCert', 'VerifyClientCertIfGiven', 'RequireAndVerifyClientCert'].flatMap(
    (auth) => tls(`client_auth_type: ${auth}`, `client_auth_type: ${auth}, client_ca_file: web.crt`),
  ),
  ...tls('client_auth_type: RequireClientCert', 'client_auth_type: requestclientcert', 'client_auth_type: ""'),
  ...tls('client_auth_type: ', 'client_auth_type: RequestClientCert, client_ca_file: none', 'client_auth_type: true'),
  ...['TLS10', 'TLS11', 'TLS12', 'TLS13'].flatMap((version) => tls(`min_version: ${version}`)),
  ...tls('min_version: ', 'min_version: ""', 'min_version: 12', 'min_version: SSL30', 'max_version: TLS12'),
  ...tls('min_version: TLS10, max_version: TLS11', 'max_version: [TLS12]'),
  ...tls(`cipher_suites: [${AES128}]`, `cipher_suites: [${AES256}]`, `cipher_suites: [${AES256}, ${AES128}]`),
  ...tls(`cipher_suites: ${AES128}`, 'cipher_suites: []', 'cipher_suites: ', 'cipher_suites: [null]'),
  ...tls(`cipher_suites: [${TLS13}]`, `cipher_suites: [${TLS13}], min_version: TLS13`, 'cipher_suites: [AES128-SHA]'),
  ...tls(`cipher_suites: [${AES128}, TLS_RSA_WITH_RC4_128_SHA]`, `cipher_suites: [${AES128}, ${AES128}]`),
  ...tls(`cipher_suites: [${AES128}, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305]`, `cipher_suites: {${AES128}: a}`),
  ...tls(`cipher_suites: [${AES128}, TLS_RSA_WITH_AES_128_CBC_SHA]`),
  ...[AES256, TLS13].map(
    (cipher) => `{tls_server_config: {${PAIR}, cipher_suites: [${cipher}]}, http_server_config: {http2: false}}`,
  ),
  ...tls('curve_preferences: [CurveP256, X25519]', 'curve_preferences: [P256]', 'curve_preferences: []'),
  ...tls('curve_preferences: [CurveP521, CurveP384, CurveP384]', 'prefer_server_cipher_suites: no'),
  ...tls('prefer_server_cipher_suites: sure', 'prefer_server_cipher_suites: '),
  ...http(
    '',
    'http2: yes',
    'http2: on',
    'http2: TRUE',
    'http2: "true"',
    'http2: 1',
    'http2: ',
    'http2: ""',
    'h2: true',
  ),
  ...http('headers: ', 'headers: {}', 'headers: [a]', 'headers: text'),
  ...headers('X-Frame-Options: deny', 'X-Frame-Options: sameorigin', 'X-Frame-Options: DENY', 'X-Frame-Options: ""'),
  ...headers('X-Frame-Options: ', 'X-Content-Type-Options: nosniff', 'X-Content-Type-Options: ', 'Server: x'),
  ...headers('X-XSS-Protection: ', 'X-XSS-Protection: 0', 'X-XSS-Protection: "1; mode=block"', 'x-frame-options: deny'),
  ...headers('Strict-Transport-Security: max-age=31536000', 'Content-Security-Policy: [a]'),
  ...headers(`Content-Security-Policy: "default-src 'self'"`, 'Content-Security-Policy: ""'),
  ...users('', '{}', '[]', 'text', '{a: }', '{a: b}', '{a: [b]}', '{a: 5}', `{a: ${HASH}}`, `{"": ${HASH}}`),
  ...users(`{"a:b": ${HASH}}`, `{5: ${HASH}}`, `{yes: ${HASH}}`, `{a: ${HASH}, a: ${HASH}}`, `{a: ${HASH}, b: c}`),
  ...users(...['$2$', '$2a$', '$2b$', '$2x$', '$3y$'].map((version) => `{a: ${HASH.replace('$2y$', version)}}`)),
  ...users(...['03', '04', '31', '32', 'xx'].map((cost) => `{a: ${HASH.replace('$10$', `$${cost}$`)}}`)),
  ...users(`{a: ${HASH.slice(0, -4)}}`, `{a: ${HASH.slice(1)}}`),
];

/** What later versions of the toolkit have, and 0.8 does not know yet: that one refuses it. */
export const NEWER: Rows = [
  ...['rate_limit: {}', 'rate_limit: {interval: 1s, burst: 5}', 'rate_limit: {interval: 0}', 'rate_limit:'],
  ...tls(
    'client_auth_type: RequireAndVerifyClientCert, client_ca_file: web.crt, client_allowed_sans: [a]',
    'client_allowed_sans: ',
    'cert: ""',
    'client_ca: ""',
  ),
];

/** What cannot work there either: better told at once. */
export const STRICTER: readonly (readonly [why: string, rows: Rows])[] = [
  ['no handshake can succeed', tls('min_version: TLS13, max_version: TLS12', 'max_version: TLS10')],
  [
    'no client can be let in: there is no certificate in it',
    tls('client_auth_type: RequireAndVerifyClientCert, client_ca_file: web.key'),
  ],
  [
    'no password can have that hash',
    users(
      `{a: ${HASH}x}`,
      `{a: ${HASH.replace('.', '!')}}`,
      `{a: ${HASH.replace('$2y', '$1')}}`,
      `{a: ${HASH.replace('$2y', '$2q')}}`,
    ),
  ],
  ['a header has one line', headers('X-XSS-Protection: "a\\nb"')],
  ['what follows would not be read', ['http_server_config: {}\n---\nbasic_auth_users: {}']],
];
