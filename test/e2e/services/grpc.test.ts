import { once } from 'node:events';
import { expect } from 'vitest';
import { healthRequest, judgeHealth, readHealth } from '../../../src/checks/grpc-health.ts';
import { GrpcConnection } from '../../../src/net/grpc-connection.ts';
import { createAuthority } from '../../helpers/e2e-certificates.ts';
import { openSocket } from '../../helpers/grpc-server.ts';
import { needs } from '../../helpers/programs.ts';
import { startEtcd } from '../../helpers/servers/etcd.ts';

const CALLS = 300;

/** Asks once for a service's health: "up", or why not. */
async function healthOf(port: number, service = '', alpn?: readonly string[]): Promise<string> {
  const connection = new GrpcConnection(await openSocket(port, alpn));
  try {
    const answer = await connection.call(healthRequest(`127.0.0.1:${port}`, service));
    judgeHealth(readHealth(answer), answer, service);
    return 'up';
  } catch (error) {
    return String(error);
  } finally {
    await connection.leave();
  }
}

/** How often etcd has been asked for its health, by how that ended. */
async function countsOf(port: number): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.matchAll(/^grpc_server_handled_total\{grpc_code="(\w+)",grpc_method="Check",.*\} (\d+)$/gm);
  return Object.fromEntries(
    Array.from(lines, ([, code, count]) => [code, Number(count)]).filter(([, count]) => count !== 0),
  );
}

needs('etcd')('an etcd is asked for its health 300 times, and its log does not notice', async (stage) => {
  const { port, complaints } = await startEtcd(stage);
  const before = complaints();
  for (let i = 0; i < CALLS; i++) expect(await healthOf(port)).toBe('up');
  expect(await healthOf(port, 'shop')).toBe('ProbeFailure: the server does not know the service "shop"');
  expect(await countsOf(port)).toEqual({ OK: CALLS, NotFound: 1 });
  expect(complaints()).toEqual(before);
});

needs('etcd', 'openssl')('in TLS as well', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const { port, complaints } = await startEtcd(stage, await authority.issue('localhost'));
  const before = complaints();
  for (let i = 0; i < 50; i++) expect(await healthOf(port, '', ['h2'])).toBe('up');
  expect(complaints()).toEqual(before);
  expect(await healthOf(port)).toMatch(
    /^ProbeFailure: (?:the peer hung up|the server does not speak HTTP\/2|read ECONNRESET)/,
  );
});

needs('etcd')('one that hangs is left alone in the end', async (stage) => {
  const { port, program } = await startEtcd(stage);
  program.signal('SIGSTOP');
  const socket = await openSocket(port);
  const connection = new GrpcConnection(socket);
  const rejected = expect(connection.call(healthRequest(`127.0.0.1:${port}`, ''))).rejects.toMatchObject({
    reason: 'closed_early',
  });
  const closed = once(socket, 'close');
  await connection.leave(100);
  await closed;
  await rejected;
  program.signal('SIGCONT');
});
