import { describe, expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { answering } from '../helpers/http-peer.ts';

const TAGLINE = 'You Know, for Search';
const PRODUCT = { 'X-elastic-product': 'Elasticsearch' };
const LOCKED = { 'WWW-Authenticate': 'Basic realm="security" charset="UTF-8"' };

function error(type: string, reason: string): string {
  return JSON.stringify({ error: { root_cause: [{ type, reason }], type, reason }, status: 0 });
}

describe('a node', () => {
  test.each([
    ['of Elasticsearch', 200, {}, { version: { number: '7.10.2' }, tagline: TAGLINE }, { version: '7.10.2' }],
    ['that only its header names', 200, PRODUCT, { version: { number: '8.15.0' } }, { version: '8.15.0' }],
    ['that does not say its version', 200, PRODUCT, {}, undefined],
    [
      'of OpenSearch',
      200,
      {},
      {
        version: { distribution: 'opensearch', number: '2.11.0' },
        tagline: 'The OpenSearch Project: https://opensearch.org/',
      },
      { version: 'opensearch 2.11.0' },
    ],
    ['that wants a password', 401, LOCKED, { error: { type: 'security_exception' } }, { state: 'auth_required' }],
    [
      'that gives anonymous users no rights',
      403,
      {},
      { error: { type: 'security_exception' } },
      { state: 'auth_required' },
    ],
  ])('%s is up', async (_, status, headers, body, service) => {
    await using server = await answering(status, headers, JSON.stringify(body));
    const result = await visit(server.address, { service: 'elasticsearch' });
    expect(result.failure).toBeUndefined();
    expect(result.service).toEqual(service);
    expect(server.requests).toEqual(['GET /']);
  });

  test.each([
    [
      503,
      error('cluster_block_exception', 'state not recovered'),
      'service_unavailable',
      'the service says "cluster_block_exception: state not recovered"',
    ],
    [
      503,
      'OpenSearch Security not initialized.',
      'service_unavailable',
      'the service says "OpenSearch Security not initialized."',
    ],
    [429, '{"error":"too busy"}', 'service_unavailable', 'the service says "too busy"'],
    [503, '', 'service_unavailable', 'the service says "HTTP 503"'],
    [200, '{"tagline":7,"version":"1"}', 'unexpected_response', 'got "{\\"tagline\\":7,\\"version\\":\\"1\\"}"'],
    [200, '<html>', 'unexpected_response', 'expected the tagline of Elasticsearch or OpenSearch, got "<html>"'],
    [200, 'null', 'unexpected_response', 'got "null"'],
    [401, '{}', 'unexpected_response', 'expected 200, got "401 {}"'],
    [403, 'no', 'unexpected_response', 'expected 200, got "403 no"'],
    [404, '', 'unexpected_response', 'expected 200, got "404"'],
  ])('that answers %i, %j, is %s', async (status, body, reason, words) => {
    await using server = await answering(status, {}, body);
    const { failure } = await visit(server.address, { service: 'elasticsearch' });
    expect(failure).toMatchObject({ reason, phase: 'handshake', detail: expect.stringContaining(words) });
  });
});

test('a node with a master missing still says its version', async () => {
  const body = JSON.stringify({ version: { number: '6.8.0' }, status: 503 });
  await using server = await answering(503, {}, body);
  const { failure, service } = await visit(server.address, { service: 'elasticsearch' });
  expect(failure?.reason).toBe('service_unavailable');
  expect(service).toEqual({ version: '6.8.0' });
});
