import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { listenOn } from '../../helpers/peers.ts';
import { needs } from '../../helpers/programs.ts';
import { testWorld } from '../../helpers/world.ts';

// dockerd needs more of a machine than a test may ask for. This stands in for it, as the documentation of the Engine API has it; its answer
// was recorded from dockerd 20.10.24.
const engine: RequestListener = ({ url }, response) => {
  const isPing = url === '/_ping';
  response.setHeader('Api-Version', '1.41').setHeader('Server', 'Docker/20.10.24+dfsg1 (linux)');
  response.writeHead(isPing ? 200 : 404).end(isPing ? 'OK' : '{"message":"page not found"}');
};
const WELL = { version: 'Docker/20.10.24+dfsg1 (linux)' };
/** Nobody said whom to trust. */
const UNASKED = { service: 'docker', tls: { how: 'direct', judge: 'expiry' } } as const;

async function serve(stage: Stage, server: ReturnType<typeof createServer | typeof createHttpServer>) {
  const errors: string[] = [];
  server.on('tlsClientError', (error) => errors.push(String(error)));
  const address = `localhost:${await listenOn(server)}`;
  stage.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address, errors };
}

needs('openssl')('an engine in TLS is up, and its certificate counts', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const good = await serve(stage, createServer(await authority.issue('localhost'), engine));
  const expired = await serve(stage, createServer(await authority.issue('localhost', EXPIRED), engine));
  const trusting = testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: authority.file }) });

  const visitor = new Visitor(good.address, UNASKED);
  expect(await visitor.probes(50)).toEqual({ up: 50 });
  const { service, tls } = await visitor.probe();
  expect(service).toEqual(WELL);
  expect(tls?.certificate?.subject).toBe('CN=localhost');
  expect(good.errors).toEqual([]);

  const asked = { service: 'docker', tls: { how: 'direct' } } as const;
  expect((await visit(good.address, asked)).failure?.reason).toBe('tls_certificate_untrusted');
  expect((await new Visitor(good.address, asked, trusting).probe()).failure).toBeUndefined();
  expect((await visit(expired.address, UNASKED)).failure?.reason).toBe('tls_certificate_expired');
});

needs('openssl')('an engine that wants a client certificate is up', async (stage) => {
  const authority = await createAuthority(stage, 'known');
  const wanting = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(authority.file) };
  const server = createServer({ ...(await authority.issue('localhost')), ...wanting }, engine);
  const { address } = await serve(stage, server);
  const visitor = new Visitor(address, UNASKED);
  expect(await visitor.probes(50)).toEqual({ up: 50 });
  expect(await visitor.probe()).toMatchObject({
    service: { state: 'client_certificate_required' },
    tls: { version: 'TLS 1.3', certificate: { subject: 'CN=localhost' } },
  });
});

needs('prometheus', 'openssl')('so is one written in Go, whose alerts are others', async (stage) => {
  // Not an engine, but the same library: Prometheus in TLS with client certificates.
  const authority = await createAuthority(stage, 'known');
  const { cert, key } = await authority.issue('localhost');
  stage.write('server.pem', cert.toString());
  stage.write('server.key', key.toString());
  const web = {
    tls_server_config: {
      cert_file: 'server.pem',
      key_file: 'server.key',
      client_auth_type: 'RequireAndVerifyClientCert',
      client_ca_file: authority.file,
    },
  };
  const address = await startPrometheusWith(stage, JSON.stringify(web));
  const visitor = new Visitor(address, UNASKED);
  expect(await visitor.probes(50)).toEqual({ up: 50 });
  expect((await visitor.probe()).service).toEqual({ state: 'client_certificate_required' });
});

needs('openssl')('port 2375 is asked in the clear', async (stage) => {
  const { address } = await serve(stage, createHttpServer(engine));
  expect(await new Visitor(address, { service: 'docker' }).probe()).toMatchObject({ service: WELL });
  const { failure } = await visit(address, UNASKED);
  expect(failure).toMatchObject({ reason: 'tls_handshake_failed', phase: 'tls' });
});

async function startPrometheusWith(stage: Stage, web: string): Promise<string> {
  const program = stage.start([
    'prometheus',
    `--config.file=${stage.write('prometheus.yml', '{}')}`,
    `--web.config.file=${stage.write('web.yml', web)}`,
    `--storage.tsdb.path=${join(stage.directory, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
  ]);
  const [, address = ''] = await program.said(/msg="Listening on" address=(\S+)/);
  await program.said(/Server is ready to receive web requests/);
  return address;
}
