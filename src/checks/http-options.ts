import type { Secret } from '../net/secret.ts';
import type { Cel } from './cel.ts';
import type { Pattern } from './dialogue-pattern.ts';

/** What a header must or must not match. Where the header is missing, the rule fails unless that is allowed. */
export type HeaderRule = { readonly header: string; readonly pattern: Pattern; readonly allowMissing: boolean };

/** Who we say we are. `type` is the scheme in the Authorization header, such as Bearer. */
export type HttpAuth =
  | { readonly kind: 'basic'; readonly username: Secret; readonly password: Secret }
  | { readonly kind: 'token'; readonly type: string; readonly credentials: Secret }
  | {
      readonly kind: 'oauth2';
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly tokenUrl: string;
      readonly scopes: readonly string[];
      readonly endpointParams: Readonly<Record<string, string>>;
    };

/** Through whom we ask. `url` is absent where the environment says it (HTTP_PROXY, HTTPS_PROXY, NO_PROXY). */
export type HttpProxy = {
  readonly url?: string;
  /** Hosts, domains, addresses and blocks that are asked directly, separated by commas. */
  readonly noProxy: string;
  /** Sent to the proxy with CONNECT. */
  readonly connectHeaders: readonly (readonly [name: string, value: Secret])[];
  /** The proxy resolves the name of the target; we do not. */
  readonly skipResolve: boolean;
};

export const COMPRESSIONS = ['gzip', 'br', 'deflate', 'identity'] as const;
type Compression = (typeof COMPRESSIONS)[number];

/** What is asked of a web server, and what its answer must be. */
export type HttpOptions = {
  readonly method: string;
  /** Path and query, where the target does not say; '/' without. */
  readonly path?: string;
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  readonly body?: Secret;
  /** The status codes that will do; 2xx when empty. */
  readonly statuses: readonly number[];
  /** Any status will do. */
  readonly anyStatus: boolean;
  /** Such as HTTP/1.1 and HTTP/2.0; any when empty. */
  readonly versions: readonly string[];
  readonly followRedirects: boolean;
  readonly http2: boolean;
  /** Whether the last answer must, or must not, come in TLS. */
  readonly tls?: 'required' | 'refused';
  readonly headerMatches: readonly HeaderRule[];
  readonly headerNotMatches: readonly HeaderRule[];
  /** The body must match none of these. */
  readonly bodyMatches: readonly Pattern[];
  /** The body must match all of these. */
  readonly bodyNotMatches: readonly Pattern[];
  /** Keywords, as they are: all of these must be in the body, none of those. */
  readonly contains: readonly string[];
  readonly lacks: readonly string[];
  /** The JSON of the body must not, or must, satisfy it. */
  readonly celMatches?: Cel;
  readonly celNotMatches?: Cel;
  /** The body is taken for compressed like that, whatever its headers say. */
  readonly compression?: Compression;
  /** The most bytes of a body that are read, after decompression; a longer one fails the probe. */
  readonly bodyLimit?: number;
  /** How long the whole answer may take from the request on, ms; a slower one is too slow, but an answer. */
  readonly maxResponseMs?: number;
  readonly auth?: HttpAuth;
  readonly proxy?: HttpProxy;
};
