import type { HeaderRule, HttpOptions } from '../checks/http-options.ts';
import { HIDDEN, isTelling } from '../core/hidden.ts';
import { authTree } from './http-auth-tree.ts';
import { listedTree, plainTree } from './http-headers.ts';
import { proxyTree } from './http-proxy.ts';
import { diallingTree, type Way } from './tcp-module.ts';
import { tlsConfigTree } from './tls-config.ts';
import type { Tree } from './yaml.ts';

/** How `http` of a module would be written. */
export function httpTree(way: Way): Tree {
  const options = way.use?.options as HttpOptions;
  const { statuses, versions, compression, bodyLimit, tls } = options;
  return {
    ...diallingTree(way),
    method: options.method,
    ...headersTree(options),
    ...bodyTree(options),
    valid_status_codes: [...statuses],
    ...(options.anyStatus && { accept_any_response: true }),
    valid_http_versions: [...versions],
    follow_redirects: options.followRedirects,
    fail_if_ssl: tls === 'refused',
    fail_if_not_ssl: tls === 'required',
    ...matchesTree(options),
    ...(compression !== undefined && { compression }),
    body_size_limit: bodyLimit === undefined ? 0 : `${bodyLimit}B`,
    enable_http2: options.http2,
    ...authTree(options.auth),
    ...proxyTree(options.proxy),
    ...tlsConfigTree(way.tls),
  };
}

function headersTree({ headers }: HttpOptions): Record<string, Tree> {
  return unlessEmpty({ headers: plainTree(headers), http_headers: listedTree(headers) });
}

/** A form that somebody logs in with is a body too. */
function bodyTree({ body }: HttpOptions): Record<string, Tree> {
  if (body === undefined) return {};
  if ('file' in body) return { body_file: body.file };
  return { body: isTelling(body.text) ? HIDDEN : body.text };
}

function matchesTree(options: HttpOptions): Record<string, Tree> {
  const { celMatches, celNotMatches } = options;
  return {
    ...unlessEmpty({
      fail_if_header_matches: options.headerMatches.map(ruleTree),
      fail_if_header_not_matches: options.headerNotMatches.map(ruleTree),
      fail_if_body_matches_regexp: options.bodyMatches.map(({ source }) => source),
      fail_if_body_not_matches_regexp: options.bodyNotMatches.map(({ source }) => source),
    }),
    ...(celMatches && { fail_if_body_json_matches_cel: celMatches.source }),
    ...(celNotMatches && { fail_if_body_json_not_matches_cel: celNotMatches.source }),
  };
}

function ruleTree({ header, pattern, allowMissing }: HeaderRule): Tree {
  return { header, regexp: pattern.source, allow_missing: allowMissing };
}

function unlessEmpty(trees: Readonly<Record<string, Tree>>): Record<string, Tree> {
  return Object.fromEntries(Object.entries(trees).filter(([, tree]) => Object.keys(tree).length > 0));
}
