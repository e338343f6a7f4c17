import type { ConnectionOptions } from 'node:tls';
import { expect } from 'vitest';
import { createAuthority, EXPIRED } from '../helpers/e2e-certificates.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { portOf, startGuarded, startToolkit } from '../helpers/e2e-web.ts';
import { SELF_SIGNED } from '../helpers/line-server.ts';
import { needs } from '../helpers/programs.ts';
import { ask, shown } from '../helpers/tls-client.ts';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

for (const [auth, letIn] of [
  ['NoClientCert', 'nobody known expired foreign server itself'],
  ['RequestClientCert', 'nobody known expired foreign server itself'],
  ['RequireAnyClientCert', 'known expired foreign server itself'],
  ['VerifyClientCertIfGiven', 'nobody known'],
  ['RequireAndVerifyClientCert', 'known'],
] as const)
  needs('prometheus-blackbox-exporter', 'openssl')(
    `with client_auth_type ${auth} the same clients are let in as there`,
    async (stage) => {
      const { there, here, ca, clients } = await bothWith(stage, auth);
      for (const version of VERSIONS) {
        const seen = { there: [] as string[], here: [] as string[] };
        for (const [name, client] of Object.entries(clients)) {
          const how = { ca, path: '/-/healthy', minVersion: version, maxVersion: version, ...client };
          if (isLetIn(await ask(there, how))) seen.there.push(name);
          if (isLetIn(await ask(here, how))) seen.here.push(name);
        }
        expect([version, seen.there.join(' '), seen.here.join(' ')]).toEqual([version, letIn, letIn]);
      }
    },
  );

function isLetIn(answer: Awaited<ReturnType<typeof ask>>): boolean {
  return typeof answer !== 'string' && answer.status === 200;
}

/** The toolkit and the exporter with one web configuration, and clients with every kind of certificate. */
async function bothWith(stage: Stage, auth: string) {
  const authority = await createAuthority(stage, 'company');
  const foreign = await createAuthority(stage, 'foreign');
  const own = await authority.issue('localhost', undefined, 'IP:127.0.0.1');
  const clients: Readonly<Record<string, Pick<ConnectionOptions, 'cert' | 'key'>>> = {
    nobody: {},
    known: shown(await authority.issue('prometheus')),
    expired: shown(await authority.issue('prometheus', EXPIRED)),
    foreign: shown(await foreign.issue('prometheus')),
    server: shown(await authority.issue('prometheus', undefined, undefined, 'serverAuth')),
    itself: SELF_SIGNED,
  };
  const web = {
    tls_server_config: {
      cert_file: own.certFile,
      key_file: own.keyFile,
      client_auth_type: auth,
      // The toolkit refuses an authority that it would not ask.
      ...(auth !== 'NoClientCert' && { client_ca_file: authority.file }),
    },
  };
  const exporter = await startGuarded(stage, web, { config: 'discover: {local: true}' });
  const toolkit = startToolkit(stage, stage.write('web.yml', JSON.stringify(web)));
  const [, address = ''] = await toolkit.said(/msg="TLS is enabled\." .*address=(\S+)/);
  return { there: portOf({ address }), here: portOf(exporter), ca: authority.pem, clients };
}
