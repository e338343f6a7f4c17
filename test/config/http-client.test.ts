import { describe, expect, it } from 'vitest';
import type { HttpOptions } from '../../src/checks/http-options.ts';
import { configOf, problemsOf } from './reading.ts';

function optionsOf(http: string): HttpOptions {
  return configOf(`modules:\n  m: {prober: http, http: ${http}}`).modules.get('m')?.use?.options as HttpOptions;
}

const OAUTH2 = 'client_id: me, token_url: "https://login.example/token"';
const FETCHED = {
  kind: 'oauth2',
  clientId: 'me',
  tokenUrl: 'https://login.example/token',
  scopes: [],
  endpointParams: {},
};

const mapping = (keys: string) => `must be a mapping with some of the keys ${keys}`;

describe('who a request is from', () => {
  it.each([
    ['{}', undefined],
    ['{basic_auth: }', undefined],
    ['{bearer_token: "", bearer_token_file: }', undefined],
    ['{basic_auth: {}}', { kind: 'basic', username: { text: '' }, password: { text: '' } }],
    [
      '{basic_auth: {username: 5, password: 0123}}',
      { kind: 'basic', username: { text: '5' }, password: { text: '0123' } },
    ],
    [
      '{basic_auth: {username_file: u, password_file: p, password: ""}}',
      { kind: 'basic', username: { file: 'u' }, password: { file: 'p' } },
    ],
    ['{authorization: {}}', { kind: 'token', type: 'Bearer', credentials: { text: '' } }],
    [
      '{authorization: {type: " Token ", credentials: t}}',
      { kind: 'token', type: 'Token', credentials: { text: 't' } },
    ],
    ['{authorization: {credentials_file: f}}', { kind: 'token', type: 'Bearer', credentials: { file: 'f' } }],
    ['{bearer_token: t}', { kind: 'token', type: 'Bearer', credentials: { text: 't' } }],
    ['{bearer_token_file: f}', { kind: 'token', type: 'Bearer', credentials: { file: 'f' } }],
    [`{oauth2: {${OAUTH2}}}`, { ...FETCHED, clientSecret: { text: '' } }],
    [
      `{oauth2: {${OAUTH2}, client_secret_file: f, scopes: [a, 1], endpoint_params: {b: 0x1}, grant_type: client_credentials}}`,
      { ...FETCHED, clientSecret: { file: 'f' }, scopes: ['a', '1'], endpointParams: { b: '0x1' } },
    ],
  ])('%s', (http, auth) => {
    expect(optionsOf(http).auth).toEqual(auth);
  });

  const JWT = 'belongs to the grant jwt-bearer, which is not supported: use client_secret or client_secret_file';

  it.each([
    [
      'bearer_token: a, bearer_token_file: b',
      'bearer_token_file: does not go with bearer_token: a request says once who sends it',
    ],
    ['bearer_token: a, basic_auth: {}', 'bearer_token: does not go with basic_auth: a request says once who sends it'],
    [
      'authorization: {}, bearer_token: a',
      'bearer_token: does not go with authorization: a request says once who sends it',
    ],
    [
      'authorization: {}, basic_auth: {}',
      'authorization: does not go with basic_auth: a request says once who sends it',
    ],
    [`oauth2: {${OAUTH2}}, basic_auth: {}`, 'oauth2: does not go with basic_auth: a request says once who sends it'],
    [
      `oauth2: {${OAUTH2}}, authorization: {}`,
      'oauth2: does not go with authorization: a request says once who sends it',
    ],
    ['basic_auth: {username: a, username_file: b}', 'basic_auth.username_file: does not go with username: keep one'],
    ['basic_auth: {password: a, password_file: b}', 'basic_auth.password_file: does not go with password: keep one'],
    [
      'basic_auth: {password_ref: a}',
      'basic_auth.password_ref: there are no secret managers here: write password_file',
    ],
    [
      'basic_auth: {pasword: a}',
      'basic_auth.pasword: "pasword" is not a known key: did you mean password? (known here: username, username_file, password, password_file)',
    ],
    [
      'authorization: {type: bAsic}',
      'authorization.type: must not be Basic: write basic_auth with username and password',
    ],
    ['authorization: {type: "a b"}', 'authorization.type: must be one word, such as Bearer'],
    [
      'authorization: {credentials: a, credentials_file: b}',
      'authorization.credentials_file: does not go with credentials: keep one',
    ],
    ['bearer_token: [hunter2]', 'bearer_token: must be a token, not a list'],
    ['oauth2: {token_url: "https://x/"}', 'oauth2.client_id: is missing: it must be the id of the client'],
    ['oauth2: {client_id: a}', 'oauth2.token_url: is missing: it must be a URL'],
    ['oauth2: {client_id: "", token_url: "https://x/"}', 'oauth2.client_id: must not be empty'],
    [
      'oauth2: {client_id: a, token_url: "ftp://u:hunter2@x"}',
      'oauth2.token_url: must be a URL such as https://login.example.com/token',
    ],
    [
      `oauth2: {${OAUTH2}, client_secret: a, client_secret_file: b}`,
      'oauth2.client_secret_file: does not go with client_secret: keep one',
    ],
    [
      `oauth2: {${OAUTH2}, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer"}`,
      'oauth2.grant_type: must be client_credentials: other grants, such as jwt-bearer, are not supported',
    ],
    [`oauth2: {${OAUTH2}, client_certificate_key_file: k}`, `oauth2.client_certificate_key_file: ${JWT}`],
    [
      `oauth2: {${OAUTH2}, tls_config: {}}`,
      'oauth2.tls_config: TLS of its own for the token server is not supported: remove it',
    ],
    [
      `oauth2: {${OAUTH2}, proxy_url: "http://p"}`,
      'oauth2.proxy_url: a proxy of its own for the token server is not supported: remove it',
    ],
    ['basic_auth: "u:hunter2"', `basic_auth: ${mapping('username, username_file, password, password_file')}, not text`],
    ['basic_auth: 12345', `basic_auth: ${mapping('username, username_file, password, password_file')}, not a number`],
    ['basic_auth: {password: [hunter2]}', 'basic_auth.password: must be a password, not a list'],
    ['authorization: hunter2', `authorization: ${mapping('type, credentials, credentials_file')}, not text`],
    ['bearer_token: {hunter2: }', 'bearer_token: must be a token, not a mapping'],
    [
      'oauth2: hunter2',
      `oauth2: ${mapping('client_id, client_secret, client_secret_file, token_url, scopes, endpoint_params, grant_type')}, not text`,
    ],
    [
      `oauth2: {${OAUTH2}, endpoint_params: hunter2}`,
      'oauth2.endpoint_params: must be a mapping of parameters to values, not text',
    ],
    [`oauth2: {${OAUTH2}, scopes: hunter2}`, 'oauth2.scopes: must be a list of scopes, not text'],
    ['headers: hunter2', 'headers: must be a mapping of names of headers to values, not text'],
    ['http_headers: {a: hunter2}', `http_headers.a: ${mapping('values, secrets, files')}, not text`],
    ['http_headers: {a: {secrets: hunter2}}', 'http_headers.a.secrets: must be a list of texts, not text'],
    [
      'proxy_connect_header: hunter2',
      'proxy_connect_header: must be a mapping of names of headers to lists of values, not text',
    ],
  ])('is refused: %s', (http, problem) => {
    const problems = problemsOf(`modules:\n  m: {prober: http, http: {${http}}}`);
    expect(problems.map((line) => line.replace(/^c\.yml:2:\d+: modules\.m\.http\./, ''))).toEqual([problem]);
    expect(problems.join()).not.toContain('hunter2');
  });
});

describe('through whom a request goes', () => {
  const PROXY = { url: 'http://proxy:3128', noProxy: '', connectHeaders: [], skipResolve: false };

  it.each([
    ['{}', undefined],
    ['{proxy_url: "", skip_resolve_phase_with_proxy: true}', undefined],
    ['{proxy_url: "http://proxy:3128"}', PROXY],
    [
      '{proxy_url: "https://u:p@proxy", no_proxy: "a,10.0.0.0/8", skip_resolve_phase_with_proxy: true}',
      { ...PROXY, url: 'https://u:p@proxy', noProxy: 'a,10.0.0.0/8', skipResolve: true },
    ],
    [
      '{proxy_from_environment: true, proxy_connect_header: {A: [b, 5], C: [d]}}',
      {
        ...{ noProxy: '', skipResolve: false },
        connectHeaders: [
          ['A', { text: 'b' }],
          ['A', { text: '5' }],
          ['C', { text: 'd' }],
        ],
      },
    ],
  ])('%s', (http, proxy) => {
    expect(optionsOf(http).proxy).toEqual(proxy);
  });

  const FORM = 'must be the URL of an HTTP proxy, such as http://proxy.example.com:3128';

  it.each([
    ['proxy_url: "proxy:3128"', `proxy_url: ${FORM}`],
    ['proxy_url: "10.0.0.1:3128"', `proxy_url: ${FORM}`],
    ['proxy_url: "http://p:port"', `proxy_url: ${FORM}`],
    ['proxy_url: "ftp://u:hunter2@p"', `proxy_url: ${FORM}`],
    [
      'proxy_url: "socks5://u:hunter2@p:1080"',
      'proxy_url: SOCKS proxies are not supported: write the URL of an HTTP proxy, such as http://proxy.example.com:3128',
    ],
    [
      'proxy_url: "http://p", proxy_from_environment: true',
      'proxy_from_environment: does not go with proxy_url: keep one',
    ],
    [
      'proxy_from_environment: true, no_proxy: a',
      'no_proxy: does not go with proxy_from_environment: set NO_PROXY in the environment',
    ],
    ['no_proxy: a', 'no_proxy: needs proxy_url beside it'],
    ['proxy_connect_header: {A: [b]}', 'proxy_connect_header: needs proxy_url or proxy_from_environment beside it'],
    [
      'proxy_url: "http://p", proxy_connect_header: {A: b}',
      'proxy_connect_header.A: must be a list of texts, not text',
    ],
    [
      'proxy_url: "http://p", proxy_connect_header: {"A:": [b]}',
      'proxy_connect_header["A:"]: "A:" is not the name of a header',
    ],
  ])('is refused: %s', (http, problem) => {
    const problems = problemsOf(`modules:\n  m: {prober: http, http: {${http}}}`);
    expect(problems.map((line) => line.replace(/^c\.yml:2:\d+: modules\.m\.http\./, ''))).toEqual([problem]);
    expect(problems.join()).not.toContain('hunter2');
  });
});
