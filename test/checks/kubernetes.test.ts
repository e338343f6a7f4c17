import { describe, expect, test } from 'vitest';
import { visit } from '../helpers/checks.ts';
import { answering } from '../helpers/http-peer.ts';

function status(code: number, message: string): string {
  return JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code });
}

const NOT_READY = [
  '[+]ping ok',
  '[-]etcd failed: reason withheld',
  '[+]poststarthook/start-kube-apiserver-admission-initializer ok',
  '[-]poststarthook/rbac/bootstrap-roles failed: reason withheld',
  'readyz check failed',
].join('\n');

describe('an API server', () => {
  test.each([
    ['that is ready', 200, 'ok', undefined],
    ['that lets nobody in without a name', 401, status(401, 'Unauthorized'), { state: 'auth_required' }],
    [
      'that does not tell everybody',
      403,
      status(403, 'forbidden: User "system:anonymous"'),
      { state: 'auth_required' },
    ],
  ])('%s is up', async (_, code, body, service) => {
    await using server = await answering(code, {}, body);
    const result = await visit(server.address, { service: 'kubernetes' });
    expect(result.failure).toBeUndefined();
    expect(result.service).toEqual(service);
    expect(server.requests).toEqual(['GET /readyz']);
  });

  test.each([
    [500, NOT_READY, 'service_unavailable', 'the service says "not ready: etcd, poststarthook/rbac/bootstrap-roles"'],
    [500, '[-]shutdown failed: reason withheld\n', 'service_unavailable', 'the service says "not ready: shutdown"'],
    [429, status(429, 'too many requests'), 'service_unavailable', 'the service says "too many requests"'],
    [503, '', 'service_unavailable', 'the service says "HTTP 503"'],
    [500, 'oops', 'unexpected_response', 'expected ok, got "500 oops"'],
    [404, '404 page not found\n', 'unexpected_response', 'expected ok, got "404 404 page not found"'],
    [200, '<html></html>', 'unexpected_response', 'expected ok, got "200 <html></html>"'],
    [403, '<html>no</html>', 'unexpected_response', 'expected ok, got "403 <html>no</html>"'],
    [401, '{"message":"no"}', 'unexpected_response', 'expected ok, got "401 no"'],
  ])('that answers %i, %j, is %s', async (code, body, reason, detail) => {
    await using server = await answering(code, {}, body);
    const { failure } = await visit(server.address, { service: 'kubernetes' });
    expect(failure).toEqual({ reason, phase: 'handshake', detail });
  });
});
