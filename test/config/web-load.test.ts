import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/config.ts';
import { loadWebConfig } from '../../src/config/web-load.ts';

const FILE = fileURLToPath(new URL('../fixtures/tls/web.yml', import.meta.url));
const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const PAIR = 'cert_file: self-signed.crt, key_file: self-signed.key';
const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';
const AES128 = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
const CLIENT_CA = 'client_ca_file: self-signed.crt';
const OPEN =
  'the web configuration has neither TLS nor users: it protects nothing, everybody may use the web side in plain HTTP';
const NO_CERTIFICATE = 'tls_server_config names no certificate: the web side speaks plain HTTP';

function loaded(text: string) {
  const result = loadWebConfig(FILE, text);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result;
}

const tls = (keys: string) => loaded(`tls_server_config: {${PAIR}, ${keys}}`).config.tls;

describe('a file that protects nothing', () => {
  it.each([
    ...['', '# nothing yet', 'null', 'tls_server_config:', 'tls_server_config: {}', 'basic_auth_users: {}'],
    ...['basic_auth_users:', 'http_server_config: {http2: yes, headers: }', 'rate_limit: '],
    ...['rate_limit: {interval: 0, burst: 5}', 'rate_limit: {interval: -5s, burst: 5}'],
    ...['http_server_config: {headers: {X-XSS-Protection: }}'],
  ])('loads, with a warning: %s', (text) => {
    const { config, warnings } = loaded(text);
    expect(config).toEqual({ users: new Map(), headers: {} });
    expect(warnings).toEqual([OPEN]);
  });

  it.each([
    '{cert_file: "", key_file: ""}',
    '{min_version: TLS12}',
    '{client_allowed_sans: [a]}',
    '{prefer_server_cipher_suites: no}',
  ])('is a section %s too, with a warning', (section) => {
    const { config, warnings } = loaded(`tls_server_config: ${section}`);
    expect(config.tls).toBeUndefined();
    expect(warnings).toEqual([NO_CERTIFICATE, OPEN]);
  });
});

describe('TLS', () => {
  const usual = { clientAuth: 'NoClientCert', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ownOrder: true };

  it('needs a certificate and a key, in files beside the file itself or in its text', () => {
    const inFiles = loaded(`tls_server_config: {${PAIR}}`);
    const inText = loaded(
      JSON.stringify({ tls_server_config: { cert: pem('self-signed.crt'), key: pem('self-signed.key') } }),
    );
    expect(inFiles.config.tls).toEqual({ ...usual, cert: pem('self-signed.crt'), key: pem('self-signed.key') });
    expect(inText.config.tls).toEqual(inFiles.config.tls);
  });

  it('names the files that are to be watched', () => {
    const { files } = loaded(`tls_server_config: {${PAIR}, ${CLIENT_CA}, client_auth_type: RequestClientCert}`);
    expect([...files.keys()].map((file) => file.replace(/.*\//, ''))).toEqual(['self-signed.crt', 'self-signed.key']);
  });

  it.each([
    ['min_version: TLS13', { minVersion: 'TLSv1.3' }],
    ['min_version: TLS10, max_version: TLS11', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }],
    ['min_version: , max_version: ', {}],
    ['client_auth_type: RequestClientCert', { clientAuth: 'RequestClientCert' }],
    ['client_auth_type: ""', {}],
    ['prefer_server_cipher_suites: off', { ownOrder: false }],
    ['curve_preferences: [X25519, CurveP521]', { curves: 'X25519:P-521' }],
    ['curve_preferences: [], cipher_suites: []', {}],
  ])('%s', (keys, expected) => {
    expect(tls(keys)).toMatchObject({ ...usual, ...expected });
    expect(tls(keys)?.curves).toBe((expected as { curves?: string }).curves);
  });

  it('has the ciphers of TLS 1.3 whatever is configured, as in Go', () => {
    expect(tls(`cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, ${AES128}]`)?.ciphers).toBe(
      'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES128-GCM-SHA256',
    );
  });

  it('may ask clients for certificates, by authority and by name', () => {
    const keys = `${CLIENT_CA}, client_auth_type: RequireAndVerifyClientCert, client_allowed_sans: [a.example, 5]`;
    expect(tls(keys)).toMatchObject({
      clientAuth: 'RequireAndVerifyClientCert',
      ca: pem('self-signed.crt'),
      allowedSans: ['a.example', '5'],
    });
  });
});

describe('what else there is', () => {
  it('users, with hashes of every version of bcrypt', () => {
    const versions = ['$2$', '$2a$', '$2b$', '$2x$', '$2y$'].map((version) => HASH.replace('$2y$', version));
    const users = Object.fromEntries(versions.map((hash, i) => [`user ${i}`, hash]));
    expect(loaded(JSON.stringify({ basic_auth_users: users })).config.users).toEqual(new Map(Object.entries(users)));
  });

  it('headers; an empty one is none', () => {
    const text = `http_server_config: {headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff, X-XSS-Protection: 0, Strict-Transport-Security: "", Content-Security-Policy: "default-src 'self'"}}`;
    expect(loaded(text).config.headers).toEqual({
      'X-Frame-Options': 'deny',
      'X-Content-Type-Options': 'nosniff',
      'X-XSS-Protection': '0',
      'Content-Security-Policy': "default-src 'self'",
    });
  });

  it.each([
    ['{burst: 5, interval: 1s}', { burst: 5, intervalMs: 1000 }],
    ['{burst: 1, interval: 1.5ms}', { burst: 1, intervalMs: 1.5 }],
  ])('a rate limit %s', (text, rateLimit) => {
    expect(loaded(`rate_limit: ${text}`).config.rateLimit).toEqual(rateLimit);
  });
});

describe('warnings', () => {
  it.each([
    [`basic_auth_users: {"a:b": ${HASH}}`, 'user "a:b" cannot log in: the name ends at the first colon'],
    [
      `basic_auth_users: {a: ${HASH.replace('$10$', '$15$')}}`,
      'the hash of user "a" has cost 15: the first request with a password takes about 3 seconds, 10 is usual',
    ],
    [`tls_server_config: {${PAIR}, cert: x}`, 'tls_server_config.cert is not used beside cert_file'],
    [
      `tls_server_config: {${PAIR}, client_auth_type: VerifyClientCertIfGiven}`,
      'client_auth_type VerifyClientCertIfGiven without client_ca_file: every public authority vouches for clients',
    ],
    [
      `tls_server_config: {${PAIR}, client_auth_type: RequireClientCert}`,
      'client_auth_type RequireAnyClientCert lets in everybody: clients may make their certificate, and the names in it, themselves',
    ],
  ])('%s', (text, warning) => {
    expect(loaded(text).warnings).toEqual([warning]);
  });

  it.each([
    ['{interval: 1s}', ['rate_limit.burst is 0: every request is refused']],
    ['{burst: 5}', ['rate_limit.burst is not used: without interval there is no limit']],
    ['{burst: 5, interval: 0}', []],
    ['{burst: 5, interval: 1s}', []],
  ])('rate_limit: %s', (limit, warnings) => {
    expect(loaded(`basic_auth_users: {a: ${HASH}}\nrate_limit: ${limit}`).warnings).toEqual(warnings);
  });
});
