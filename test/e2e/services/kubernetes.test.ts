import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { expect } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { listenOn } from '../../helpers/peers.ts';
import { needs } from '../../helpers/programs.ts';
import { testWorld } from '../../helpers/world.ts';

/** What the configuration makes of no word of TLS. */
const UNASKED = { service: 'kubernetes', tls: { how: 'direct', judge: 'expiry' } } as const;
const NOT_READY = '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n';

// There is no package with an API server. These stand in for one, as the documentation of the health endpoints has it: like the real one,
// they ask for a client certificate and do without.
const ready: RequestListener = ({ url }, response) => {
  response.writeHead(url === '/readyz' ? 200 : 403, { 'Content-Type': 'text/plain; charset=utf-8' }).end('ok');
};
const notReady: RequestListener = (_, response) => {
  response.writeHead(500).end(NOT_READY);
};
const closedToStrangers: RequestListener = (_, response) => {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'Unauthorized',
    code: 401,
  };
  response.writeHead(401, { 'Content-Type': 'application/json' }).end(JSON.stringify(status));
};
const hanging: RequestListener = () => {};

async function start(stage: Stage) {
  const authority = await createAuthority(stage, 'kubernetes');
  const errors: string[] = [];
  const serve = async (listener: RequestListener, validity?: typeof EXPIRED) => {
    const wanting = { requestCert: true, rejectUnauthorized: false };
    const server = createServer({ ...(await authority.issue('localhost', validity)), ...wanting }, listener);
    server.on('tlsClientError', (error) => errors.push(String(error)));
    stage.onEnd(() => {
      server.closeAllConnections();
      server.close();
    });
    return `localhost:${await listenOn(server)}`;
  };
  return { authority, serve, errors };
}

needs('openssl')('an API server that is ready is up, whoever signed its certificate', async (stage) => {
  const { authority, serve, errors } = await start(stage);
  const address = await serve(ready);
  expect(await new Visitor(address, UNASKED).probes(100)).toEqual({ up: 100 });
  // The real one counts each of them in apiserver_tls_handshake_errors_total.
  expect(errors).toEqual([]);

  const asked = { service: 'kubernetes', tls: { how: 'direct' } } as const;
  expect((await visit(address, asked)).failure?.reason).toBe('tls_certificate_untrusted');
  const trusting = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });
  expect((await new Visitor(address, asked, trusting).probe()).failure).toBeUndefined();
  const { failure, tls } = await visit(await serve(ready, EXPIRED), UNASKED);
  expect(failure).toMatchObject({ reason: 'tls_certificate_expired', phase: 'tls' });
  expect(tls?.certificate?.subject).toBe('CN=localhost');
});

needs('openssl')('what an API server says of itself counts', async (stage) => {
  const { serve } = await start(stage);
  expect((await visit(await serve(notReady), UNASKED)).failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the service says "not ready: etcd"',
  });
  const closed = await visit(await serve(closedToStrangers), UNASKED);
  expect(closed.failure).toBeUndefined();
  expect(closed.service).toEqual({ state: 'auth_required' });
  const hung = await visit(await serve(hanging), { ...UNASKED, timeoutMs: 500 });
  expect(hung.failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});
