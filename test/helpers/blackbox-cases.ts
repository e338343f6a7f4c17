import { type createAuthority, EXPIRED } from './e2e-certificates.ts';
import { freePort } from './e2e-ports.ts';
import type { Stage } from './e2e-stage.ts';
import { grpcServer, prefixed } from './grpc-server.ts';
import { peer } from './peers.ts';
import { webServers } from './scripted-servers.ts';

/** A module, and what it is to look at. */
export type Case = { readonly module: object; readonly target: string; readonly params?: string };

type Authority = Awaited<ReturnType<typeof createAuthority>>;

/** Every case that is compared with blackbox_exporter: good, refused, silent, wrong, expired, redirected, packed, slow. */
export async function casesOf(stage: Stage, authority: Authority): Promise<Readonly<Record<string, Case>>> {
  const web = await webServers(stage, authority);
  const closed = await freePort();
  const silent = stage.keep(await peer());
  const rude = stage.keep(await peer((socket) => socket.end()));
  const banner = stage.keep(await peer((socket) => socket.end('220 mail ready\r\n')));
  const tls_config = { ca_file: authority.file, server_name: 'localhost' };
  const page = (path: string) => `http://127.0.0.1:${web.http}${path}`;
  const get = (path: string, options: object = {}): Case => ({ module: http(options), target: page(path) });
  return {
    'http: good': get('/'),
    'http: without a scheme': { module: http(), target: `127.0.0.1:${web.http}/` },
    'http: without a path': { module: http(), target: `127.0.0.1:${web.http}` },
    'http: refused': { module: http(), target: `127.0.0.1:${closed}` },
    'http: silent': { module: http({}, '1s'), target: silent.address },
    'http: hangs up': { module: http(), target: rude.address },
    'http: a banner of another service': { module: http(), target: banner.address },
    'http: no such name': { module: http(), target: 'http://no-such-name.invalid/' },
    'http: 404': get('/404'),
    'http: 404, as wanted': get('/404', { valid_status_codes: [404] }),
    'http: 500': get('/error'),
    'http: 204': get('/204'),
    'http: chunked': get('/chunked'),
    'http: slow': { ...get('/slow'), module: http({}, '1s') },
    'http: half a body': get('/half'),
    'http: HTTP/1.0': get('/http10'),
    'http: HTTP/1.0, which is not wanted': get('/http10', { valid_http_versions: ['HTTP/1.1', 'HTTP/2.0'] }),
    'http: lines that end in LF': get('/lf'),
    'http: a length and chunks': get('/length-and-chunks'),
    'http: a control character in a header': get('/control'),
    'http: a zero byte in a header': get('/zero'),
    'http: a folded header': get('/folded'),
    'http: chunks without the last': get('/chunk-cut'),
    'http: half a trailer': get('/trailer-cut'),
    'http: two lengths': get('/lengths-apart'),
    'http: a header without a colon': get('/no-colon'),
    'http: a broken head: the same length twice': get('/twice'),
    'http: a broken head: a space before the colon': get('/space'),
    'http: a broken head: an empty length': get('/no-length'),
    'http: a broken head: HTTP/7.3': get('/version'),
    'http: a large body': get('/big'),
    'http: a body over its limit': get('/big', { body_size_limit: '1KB' }),
    'http: redirected': get('/redirect'),
    'http: redirected twice': get('/redirect-twice'),
    'http: redirected for ever': get('/loop'),
    'http: redirected to nowhere': get('/nowhere'),
    'http: a redirect, not followed': get('/redirect', { follow_redirects: false }),
    'http: a redirect, not followed, as wanted': get('/redirect', {
      follow_redirects: false,
      valid_status_codes: [302],
    }),
    'http: a cookie on the way': get('/set-cookie'),
    'http: HEAD': get('/', { method: 'HEAD' }),
    'http: POST': get('/post', { method: 'POST', body: 'hello', fail_if_body_not_matches_regexp: ['^POST hello$'] }),
    'http: keyword there': get('/', { fail_if_body_not_matches_regexp: ['Download the latest version'] }),
    'http: keyword missing': get('/404', { valid_status_codes: [404], fail_if_body_not_matches_regexp: ['absent'] }),
    'http: wrong keyword': get('/500', { fail_if_body_matches_regexp: ['Could not connect to database'] }),
    'http: keyword of a 500': get('/error', { fail_if_body_matches_regexp: ['error'] }),
    'http: header there': get('/headers', {
      fail_if_header_not_matches: [{ header: 'access-control-allow-origin', regexp: '(\\*|example\\.com)' }],
    }),
    'http: header missing': get('/', {
      fail_if_header_not_matches: [{ header: 'Access-Control-Allow-Origin', regexp: '.*' }],
    }),
    'http: header that may be missing': get('/', {
      fail_if_header_matches: [{ header: 'Set-Cookie', regexp: '.*', allow_missing: true }],
    }),
    'http: one of two headers matches': get('/headers', {
      fail_if_header_matches: [{ header: 'Set-Cookie', regexp: 'b=2' }],
    }),
    'http: gzip': get('/gzip', { compression: 'gzip', fail_if_body_not_matches_regexp: ['latest'] }),
    'http: gzip that is none': get('/', { compression: 'gzip' }),
    'http: gzip, left as it is': get('/gzip'),
    'http: br': get('/br', { compression: 'br', fail_if_body_not_matches_regexp: ['latest'] }),
    'http: deflate': get('/deflate', { compression: 'deflate', fail_if_body_not_matches_regexp: ['latest'] }),
    'http: password': get('/basic', { basic_auth: { username: 'user', password: 'pass' } }),
    'http: wrong password': get('/basic', { basic_auth: { username: 'user', password: 'other' } }),
    'http: bearer token': get('/bearer', { bearer_token: 'token' }),
    'http: authorization': get('/bearer', { authorization: { credentials: 'token' } }),
    'http: Host': get('/host', {
      headers: { Host: 'vhost.example.com' },
      fail_if_body_not_matches_regexp: ['^host vhost.example.com$'],
    }),
    'http: hostname': {
      ...get('/host', { fail_if_body_not_matches_regexp: ['^host shop.example.com$'] }),
      params: '&hostname=shop.example.com',
    },
    'http: headers that are sent': get('/agent', { fail_if_body_not_matches_regexp: ['^connection host user-agent$'] }),
    'http: must be in TLS': get('/', { fail_if_not_ssl: true }),
    'https: good': { module: http({ tls_config }), target: `https://127.0.0.1:${web.https}/` },
    'https: of TLS 1.3 only': {
      module: http({ tls_config: { ...tls_config, min_version: 'TLS13' } }),
      target: `https://127.0.0.1:${web.https}/`,
    },
    'https: must not be in TLS': {
      module: http({ tls_config, fail_if_ssl: true }),
      target: `https://127.0.0.1:${web.https}/`,
    },
    'https: nobody trusts it': { module: http(), target: `https://127.0.0.1:${web.https}/` },
    'https: another name': {
      module: http({ tls_config: { ca_file: authority.file } }),
      target: `https://127.0.0.1:${web.https}/`,
    },
    'https: the name of Host': {
      module: http({ tls_config: { ca_file: authority.file }, headers: { Host: 'localhost' } }),
      target: `https://127.0.0.1:${web.https}/`,
    },
    'https: expired': { module: http({ tls_config }), target: `https://127.0.0.1:${web.expired}/` },
    'https: not verified': {
      module: http({ tls_config: { insecure_skip_verify: true } }),
      target: `https://127.0.0.1:${web.expired}/`,
    },
    'https: no TLS there': { module: http({ tls_config }), target: `https://127.0.0.1:${web.http}/` },
    'https: HTTP/2': { module: http({ tls_config }), target: `https://127.0.0.1:${web.http2}/` },
    'https: HTTP/2, chunked': { module: http({ tls_config }), target: `https://127.0.0.1:${web.http2}/chunked` },
    'https: HTTP/2, redirected': { module: http({ tls_config }), target: `https://127.0.0.1:${web.http2}/redirect` },
    'https: HTTP/2, not wanted': {
      module: http({ tls_config, enable_http2: false }),
      target: `https://127.0.0.1:${web.http2}/`,
    },
    'https: HTTP/2, wanted': {
      module: http({ tls_config, valid_http_versions: ['HTTP/2.0'] }),
      target: `https://127.0.0.1:${web.http2}/`,
    },
    'tcp: good': { module: { prober: 'tcp' }, target: silent.address },
    'tcp: refused': { module: { prober: 'tcp' }, target: `127.0.0.1:${closed}` },
    'tcp: a wrong banner': {
      module: { prober: 'tcp', tcp: { query_response: [{ expect: '^SSH-2.0-' }] } },
      target: banner.address,
    },
    'tcp: expired': { module: { prober: 'tcp', tcp: { tls: true, tls_config } }, target: `127.0.0.1:${web.expired}` },
    ...(await grpcCases(stage, authority, closed)),
    'icmp: loopback': { module: { prober: 'icmp' }, target: '127.0.0.1' },
  };
}

function http(options: object = {}, timeout = '3s'): object {
  return { prober: 'http', timeout, http: { preferred_ip_protocol: 'ip4', ...options } };
}

async function grpcCases(stage: Stage, authority: Authority, closed: number): Promise<Record<string, Case>> {
  const says = async (message: string, certificate?: Awaited<ReturnType<Authority['issue']>>) => {
    const body = prefixed(Buffer.from(message, 'hex'));
    return stage.keep(await grpcServer({ body, trailers: { 'grpc-status': '0' } }, certificate)).port;
  };
  const tls_config = { ca_file: authority.file, server_name: 'localhost' };
  const grpc = (port: number, options: object = {}): Case => ({
    module: { prober: 'grpc', timeout: '3s', grpc: { preferred_ip_protocol: 'ip4', ...options } },
    target: `127.0.0.1:${port}`,
  });
  const status = async (code: number) =>
    stage.keep(await grpcServer({ headers: { 'grpc-status': String(code), 'grpc-message': 'no' } })).port;
  const [certificate, expired] = [await authority.issue('localhost'), await authority.issue('localhost', EXPIRED)];
  return {
    'grpc: serving': grpc(await says('0801')),
    'grpc: a service': grpc(await says('0801'), { service: 'shop' }),
    'grpc: not serving': grpc(await says('0802')),
    'grpc: a service that is not known': grpc(await says('0803'), { service: 'shop' }),
    'grpc: no health service': grpc(await status(12)),
    'grpc: unavailable': grpc(await status(14)),
    'grpc: refused': grpc(closed),
    'grpc: in TLS': grpc(await says('0801', certificate), { tls: true, tls_config }),
    'grpc: in TLS: expired': grpc(await says('0801', expired), { tls: true, tls_config }),
    'grpc: in TLS: not verified': grpc(await says('0801', expired), {
      tls: true,
      tls_config: { insecure_skip_verify: true },
    }),
  };
}
