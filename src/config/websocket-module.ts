import type { Check } from '../checks/check.ts';
import { type WebsocketOptions, websocket } from '../checks/websocket.ts';
import { present, sparse } from './go-values.ts';
import { authTree } from './http-auth-tree.ts';
import { AUTH, readAuth } from './http-client.ts';
import { anyHeaders, listedOnes, listedTree } from './http-headers.ts';
import { mustBeSecret, strict } from './leaves.ts';
import { NEWER } from './newer.ts';
import { level, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { QUERY_RESPONSE, stepTree } from './query-response.ts';
import { dialling, diallingTree, FAMILY, type Way } from './tcp-module.ts';
import { laterTls, TLS_CONFIG, tlsConfigTree } from './tls-config.ts';
import type { Tree } from './yaml.ts';

const PORT = 80;

const UNUSED = 'says nothing for a WebSocket: remove it';
const NO_PROXY = 'proxies are not supported for a WebSocket: remove it';

const HTTP_CONFIG_SHAPE = { ...AUTH, headers: anyHeaders().optional(), tls_config: TLS_CONFIG.optional() };
const HTTP_CONFIG_REFUSED = {
  oauth2: 'is not supported for a WebSocket: write authorization with a token',
  http_headers: 'write headers instead, beside http_config',
  ...{ follow_redirects: UNUSED, enable_http2: UNUSED },
  ...{ proxy_url: NO_PROXY, no_proxy: NO_PROXY, proxy_from_environment: NO_PROXY, proxy_connect_header: NO_PROXY },
};
const HTTP_CONFIG = sparse(strict(HTTP_CONFIG_SHAPE, undefined, HTTP_CONFIG_REFUSED, mustBeSecret));

const SHAPE = {
  ...FAMILY,
  headers: anyHeaders().optional(),
  http_config: HTTP_CONFIG.optional(),
  query_response: QUERY_RESPONSE.optional(),
};

const WEBSOCKET = level(strict(SHAPE, undefined, NEWER, mustBeSecret));

/** Every key of `websocket`. */
export const WEBSOCKET_KEYS: readonly string[] = Object.keys(SHAPE);
/** Every key of `http_config`. */
export const HTTP_CONFIG_KEYS: readonly string[] = Object.keys(HTTP_CONFIG_SHAPE);

/** What `websocket` of a module says. Its keys are those of blackbox_exporter's, which no release has yet. */
export function readWebsocket(value: unknown, path: Path, report: Report): Way {
  const written = readPart(WEBSOCKET, present(value) ?? {}, path, report);
  const { http_config: client = {}, query_response: steps = [] } = written;
  const tlsAt = steps.findIndex(({ starttls }) => starttls);
  if (tlsAt >= 0)
    report({
      path: [...path, 'query_response', tlsAt, 'starttls'],
      message: 'does not go with a WebSocket: TLS is spoken where the address begins with wss://',
    });
  const auth = readAuth(client, [...path, 'http_config'], report);
  const options: WebsocketOptions = Object.freeze({
    headers: Object.freeze([...listedOnes(client.headers), ...listedOnes(written.headers)]),
    ...(auth && { auth: Object.freeze(auth) }),
    steps: Object.freeze(steps),
  });
  return {
    ...dialling(written, 6),
    use: Object.freeze({ check: websocket as Check, options }),
    tls: laterTls(client.tls_config),
    defaultPort: PORT,
  };
}

/** How `websocket` of a module would be written. */
export function websocketTree(way: Way): Tree {
  const options = way.use?.options as WebsocketOptions;
  const { headers, auth, steps } = options;
  const [ofHeaders, client] = [listedTree(headers), { ...authTree(auth), ...tlsConfigTree(way.tls) }];
  return {
    ...diallingTree(way),
    ...(Object.keys(ofHeaders).length > 0 && { headers: ofHeaders }),
    ...(Object.keys(client).length > 0 && { http_config: client }),
    ...(steps.length > 0 && { query_response: steps.map(stepTree) }),
  };
}
