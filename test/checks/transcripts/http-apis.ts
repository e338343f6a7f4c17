import type { Transcript, Turn } from '../../helpers/transcript.ts';

/** Answers a whole GET for that path. */
function onGet(path: string, lines: readonly string[], body: string): Turn {
  const answer = Buffer.from([...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n'));
  return (said) => {
    const request = said.toString('latin1');
    return request.startsWith(`GET ${path} HTTP/1.1\r\n`) && request.endsWith('\r\n\r\n') ? answer : undefined;
  };
}

const JSON_TYPE = 'content-type: application/json';

export const transcripts: readonly Transcript[] = [
  {
    // As dockerd 20.10.24 said it.
    title: 'Docker Engine 20.10',
    service: 'docker',
    turns: [
      onGet(
        '/_ping',
        [
          ...['HTTP/1.1 200 OK', 'Api-Version: 1.41', 'Cache-Control: no-cache, no-store, must-revalidate'],
          ...['Docker-Experimental: false', 'Ostype: linux', 'Pragma: no-cache'],
          ...['Server: Docker/20.10.24+dfsg1 (linux)', 'Date: Sun, 22 Nov 2026 12:37:12 GMT'],
          ...['Content-Type: text/plain; charset=utf-8', 'Connection: close'],
        ],
        'OK',
      ),
    ],
    hangsUp: true,
    facts: { version: 'Docker/20.10.24+dfsg1 (linux)' },
  },
  {
    // As the documentation of authorization plugins has it.
    title: 'Docker Engine with an authorization plugin',
    service: 'docker',
    turns: [
      onGet('/_ping', ['HTTP/1.1 403 Forbidden', JSON_TYPE], '{"message":"authorization denied by plugin gate: no"}\n'),
    ],
    hangsUp: true,
    facts: { state: 'auth_required' },
  },
  {
    // As the documentation of the health endpoints has it.
    title: 'Kubernetes',
    service: 'kubernetes',
    turns: [onGet('/readyz', ['HTTP/1.1 200 OK', 'Audit-Id: 1', 'Content-Type: text/plain; charset=utf-8'], 'ok')],
    hangsUp: true,
    facts: {},
  },
  {
    // As the API conventions have it.
    title: 'Kubernetes without anonymous access',
    service: 'kubernetes',
    turns: [
      onGet(
        '/readyz',
        ['HTTP/1.1 401 Unauthorized', JSON_TYPE],
        '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n',
      ),
    ],
    hangsUp: true,
    facts: { state: 'auth_required' },
  },
  {
    // As the reference of Elasticsearch has it.
    title: 'Elasticsearch',
    service: 'elasticsearch',
    turns: [
      onGet(
        '/',
        ['HTTP/1.1 200 OK', 'X-elastic-product: Elasticsearch', JSON_TYPE],
        '{\n  "name" : "one",\n  "cluster_name" : "docs",\n  "cluster_uuid" : "x",\n  "version" : {\n    "number" : "8.15.0",\n    "build_flavor" : "default",\n    "minimum_index_compatibility_version" : "7.0.0"\n  },\n  "tagline" : "You Know, for Search"\n}\n',
      ),
    ],
    hangsUp: true,
    facts: { version: '8.15.0' },
  },
  {
    title: 'Elasticsearch with security',
    service: 'elasticsearch',
    turns: [
      onGet(
        '/',
        [
          'HTTP/1.1 401 Unauthorized',
          'WWW-Authenticate: Basic realm="security", charset="UTF-8"',
          'WWW-Authenticate: ApiKey',
          JSON_TYPE,
        ],
        '{"error":{"root_cause":[{"type":"security_exception","reason":"missing authentication credentials for REST request [/]"}],"type":"security_exception","reason":"missing authentication credentials for REST request [/]"},"status":401}',
      ),
    ],
    hangsUp: true,
    facts: { state: 'auth_required' },
  },
  {
    // As the documentation of OpenSearch has it.
    title: 'OpenSearch',
    service: 'elasticsearch',
    turns: [
      onGet(
        '/',
        ['HTTP/1.1 200 OK', JSON_TYPE],
        '{\n  "name" : "one",\n  "cluster_name" : "docs",\n  "version" : {\n    "distribution" : "opensearch",\n    "number" : "2.11.0",\n    "build_type" : "tar"\n  },\n  "tagline" : "The OpenSearch Project: https://opensearch.org/"\n}\n',
      ),
    ],
    hangsUp: true,
    facts: { version: 'opensearch 2.11.0' },
  },
];
