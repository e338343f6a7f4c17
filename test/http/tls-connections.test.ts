import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { type Certificate, createAuthority } from '../helpers/e2e-certificates.ts';
import { needs } from '../helpers/programs.ts';
import { ask, shown } from '../helpers/tls-client.ts';
import { secured, serve } from './tls-server.ts';

needs('openssl')('whoever was let in under other demands is hung up on at the next request', async (stage) => {
  const authority = await createAuthority(stage, 'revoked');
  const [own, client] = [await authority.issue('localhost'), await authority.issue('client')];
  const ca = authority.pem;
  const demands = { clientAuth: 'RequireAndVerifyClientCert', ca: ca.toString(), allowedSans: ['client'] } as const;
  const server = await serve(stage, own, demands);
  const [revoked, other] = [await asking(server.port, ca, client), await asking(server.port, ca, client)];
  expect([await revoked(), await revoked(), await other()]).toEqual(['200', '200', '200']);

  server.use({ cert: own.cert.toString() });
  expect(await other()).toBe('200');
  server.use({ allowedSans: ['another'] });

  expect([await revoked(), await other()]).toEqual(['gone', 'gone']);
  expect(await ask(server.port, { ca, ...shown(client) })).toBe('ECONNRESET');
  server.use({ allowedSans: ['another', 'client'] });
  expect(await ask(server.port, { ca, ...shown(client) })).toMatchObject({ status: 200 });
});

/** Asks again and again over one connection: the status of each answer. */
async function asking(port: number, ca: Certificate['cert'], certificate: Certificate): Promise<() => Promise<string>> {
  const socket = await secured({ port, ca, ...shown(certificate) });
  return () =>
    new Promise((resolve) => {
      const ended = () => resolve('gone');
      socket.once('close', ended).once('data', (answer) => {
        socket.off('close', ended);
        resolve(/^HTTP\/1\.1 (\d+)/.exec(String(answer))?.[1] ?? '');
      });
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    });
}

/** What a server answers to bytes without TLS until it hangs up. */
async function gone(port: number, said: string): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => socket.write(said));
  let got = '';
  socket.on('data', (chunk) => {
    got += chunk.toString('latin1');
  });
  await new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
  return got;
}

needs('openssl')('whoever does not speak TLS is refused, and the log is told why', async (stage) => {
  const authority = await createAuthority(stage, 'plain');
  const server = await serve(stage, await authority.issue('localhost'));
  const got = await gone(server.port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(got).toContain('HTTP/1.1 400 Bad Request');
  await gone(server.port, 'get nothing\r\n\r\n');
  await vi.waitFor(() => expect(server.refused).toEqual([expect.stringMatching(/^127\.0\.0\.1 ERR_SSL_/)]));
  expect(await ask(server.port, { ca: authority.pem })).toMatchObject({ status: 200 });
});
