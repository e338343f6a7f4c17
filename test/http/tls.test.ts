import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, vi } from 'vitest';

import type { ServerTls } from '../../src/net/server-tls.ts';
import { type Certificate, createAuthority } from '../helpers/e2e-certificates.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';
import { ask, shown } from '../helpers/tls-client.ts';
import { secured, serve } from './tls-server.ts';

needs('openssl')('TLS is spoken with the certificate and the versions that are configured', async (stage) => {
  const authority = await createAuthority(stage, 'web');
  const server = await serve(stage, await authority.issue('localhost'));
  const ca = authority.pem;
  expect(await ask(server.port, { ca })).toMatchObject({ status: 200, body: 'ok', version: 'TLSv1.3' });
  expect(await ask(server.port, { ca, maxVersion: 'TLSv1.2' })).toMatchObject({ status: 200, version: 'TLSv1.2' });
  expect(
    await ask(server.port, { ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }),
  ).toBe('EPROTO');
  expect(await ask(server.port)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

needs('openssl')('versions before 1.2 are there for whoever configures them', async (stage) => {
  const authority = await createAuthority(stage, 'old');
  const server = await serve(stage, await authority.issue('localhost'), { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
  const old = { ca: authority.pem, minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  expect(await ask(server.port, old)).toMatchObject({ status: 200, version: 'TLSv1.1' });
});

needs('openssl')('ciphers and curves are those that are configured', async (stage) => {
  const authority = await createAuthority(stage, 'ciphers');
  const server = await serve(stage, await authority.issue('localhost'), {
    ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
    curves: 'P-521',
  });
  const ca = authority.pem;
  expect(await ask(server.port, { ca, maxVersion: 'TLSv1.2' })).toMatchObject({ status: 200 });
  expect(await ask(server.port, { ca, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })).toBe(
    'EPROTO',
  );
  expect(await ask(server.port, { ca, ecdhCurve: 'X25519' })).toBe('EPROTO');
});

needs('openssl')('a new certificate and new demands count from the next connection on', async (stage) => {
  const authority = await createAuthority(stage, 'reload');
  const [first, second] = [await authority.issue('first'), await authority.issue('second')];
  const server = await serve(stage, first);
  const ca = authority.pem;
  const before = await ask(server.port, { ca });

  server.use({ cert: second.cert.toString(), key: second.key.toString() });

  const after = await ask(server.port, { ca });
  expect([before, after]).toMatchObject([{ status: 200 }, { status: 200 }]);
  expect((before as { serial: string }).serial).not.toBe((after as { serial: string }).serial);

  server.use({ clientAuth: 'RequireAndVerifyClientCert', ca: ca.toString() });

  expect(await ask(server.port, { ca })).toMatch(/CERTIFICATE_REQUIRED$/);
  expect(await ask(server.port, { ca, ...shown(first) })).toMatchObject({ status: 200 });
});

needs('openssl')('a client that has sent all before TLS is ready is answered', async (stage) => {
  const authority = await createAuthority(stage, 'early');
  const slow = () => wait(50);
  const server = await serve(stage, await authority.issue('localhost'), {}, slow);
  expect(await ask(server.port, { ca: authority.pem })).toMatchObject({ status: 200 });
});

/** What becomes of a client that shows each of these certificates, or none. */
async function verdicts(
  stage: Stage,
  changes: Partial<ServerTls>,
  version?: 'TLSv1.2',
): Promise<Readonly<Record<string, unknown>>> {
  const authority = await createAuthority(stage, 'known');
  const own = { ca: authority.pem, ...(version && { maxVersion: version }) };
  const server = await serve(stage, await authority.issue('localhost'), { ca: authority.pem.toString(), ...changes });
  const clients: Readonly<Record<string, Certificate | undefined>> = {
    nobody: undefined,
    named: await authority.issue('prometheus'),
    other: await authority.issue('grafana'),
    foreign: await (await createAuthority(stage, 'unknown')).issue('prometheus'),
  };
  const seen: Record<string, unknown> = {};
  for (const [name, client] of Object.entries(clients)) {
    const answer = await ask(server.port, { ...own, ...(client && shown(client)) });
    seen[name] = typeof answer === 'string' ? answer : answer.status;
  }
  // Whoever was not let in is in the log, with the reason.
  const refusals = Object.values(seen).filter((answer) => typeof answer === 'string');
  await vi.waitFor(() => expect(server.refused).toHaveLength(refusals.length));
  for (const refused of server.refused) expect(refused).toMatch(REASON);
  return seen;
}

const REASON =
  /^127\.0\.0\.1 (?:UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE|the client shows no certificate|the certificate of the client has none of client_allowed_sans)$/;
const REFUSED = expect.stringMatching(/^(?:ECONNRESET|EPIPE)$/);
const NEEDED = 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED';

for (const [clientAuth, expected] of [
  ['NoClientCert', { nobody: 200, named: 200, other: 200, foreign: 200 }],
  ['RequestClientCert', { nobody: 200, named: 200, other: 200, foreign: 200 }],
  ['RequireAnyClientCert', { nobody: REFUSED, named: 200, other: 200, foreign: 200 }],
  ['VerifyClientCertIfGiven', { nobody: 200, named: 200, other: 200, foreign: REFUSED }],
  ['RequireAndVerifyClientCert', { nobody: NEEDED, named: 200, other: 200, foreign: REFUSED }],
] as const)
  needs('openssl')(`with client_auth_type ${clientAuth} clients are let in as Go does`, async (stage) => {
    expect(await verdicts(stage, { clientAuth })).toEqual(expected);
  });

for (const version of [undefined, 'TLSv1.2'] as const)
  needs('openssl')(`only clients of the allowed names are let in, ${version ?? 'TLSv1.3'}`, async (stage) => {
    const allowed = { clientAuth: 'RequireAndVerifyClientCert', allowedSans: ['prometheus'] } as const;
    expect(await verdicts(stage, allowed, version)).toEqual({
      nobody: version === undefined ? NEEDED : 'EPROTO',
      named: 200,
      other: REFUSED,
      foreign: REFUSED,
    });
  });

needs('openssl')('names of every kind are compared as a whole, however they are spelled', async (stage) => {
  const authority = await createAuthority(stage, 'names');
  const names = 'DNS:a.example,IP:10.0.0.1,IP:::1,email:me@example.org,URI:spiffe://example.org/prometheus';
  const client = await authority.issue('client', undefined, names);
  const server = await serve(stage, await authority.issue('localhost'), {
    clientAuth: 'RequireAndVerifyClientCert',
    ca: authority.pem.toString(),
  });
  const isLetIn = async (name: string) => {
    server.use({ allowedSans: ['nobody', name] });
    return typeof (await ask(server.port, { ca: authority.pem, ...shown(client) })) !== 'string';
  };
  for (const name of [
    'a.example',
    '10.0.0.1',
    '::1',
    '0:0:0:0:0:0:0:1',
    'me@example.org',
    'spiffe://example.org/prometheus',
  ])
    expect([name, await isLetIn(name)]).toEqual([name, true]);
  for (const name of ['A.example', '*.example', 'example', '10.0.0.10', 'client', 'DNS:a.example', ''])
    expect([name, await isLetIn(name)]).toEqual([name, false]);
});

needs('openssl')('a session that is resumed is judged again', async (stage) => {
  const authority = await createAuthority(stage, 'resumed');
  const client = await authority.issue('prometheus');
  const server = await serve(stage, await authority.issue('localhost'), {
    clientAuth: 'RequireAndVerifyClientCert',
    ca: authority.pem.toString(),
    allowedSans: ['prometheus'],
  });
  const own = { ca: authority.pem, ...shown(client), maxVersion: 'TLSv1.2' } as const;
  const socket = await secured({ ...own, port: server.port });
  const session = socket.getSession();
  socket.destroy();
  expect(await ask(server.port, { ...own, ...(session && { session }) })).toMatchObject({ status: 200 });
  server.use({ allowedSans: ['grafana'] });
  expect(await ask(server.port, { ...own, ...(session && { session }) })).toEqual(REFUSED);
});

needs('openssl')('a stop ends idle connections, also those in the middle of a handshake', async (stage) => {
  const authority = await createAuthority(stage, 'stop');
  const server = await serve(stage, await authority.issue('localhost'));
  const idle = await secured({ port: server.port, ...{ ca: authority.pem } });
  const silent = connect(server.port, '127.0.0.1');
  await new Promise((resolve) => silent.once('connect', resolve));
  const ended = [idle, silent].map(
    (socket) => new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve)),
  );
  await vi.waitFor(() => expect(silent.bytesWritten).toBe(0));
  await server.close(10_000);
  await Promise.all(ended);
});
