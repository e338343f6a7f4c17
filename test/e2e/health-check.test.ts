import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { createAuthority } from '../helpers/e2e-certificates.ts';
import { type Exporter, startExporter } from '../helpers/e2e-exporter.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import { run } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { portOf, startGuarded, USER } from '../helpers/e2e-web.ts';
import { needs } from '../helpers/programs.ts';

/** What the images run to find out whether they are healthy. */
const CHECKS = Array.from(
  readFileSync('Dockerfile', 'utf8').matchAll(/^HEALTHCHECK .*\n +CMD (\[.*\])$/gm),
  ([, words = '']) => (JSON.parse(words) as string[]).slice(1),
);

async function exitCodes(port: number): Promise<readonly (number | null)[]> {
  const ours = CHECKS.map((words) => words.map((word) => word.replace(':9715/', `:${port}/`)));
  return Promise.all(ours.map(async (words) => (await run([process.execPath, ...words])).code));
}

const CONFIG = { config: { groups: [{ name: 'all', targets: ['127.0.0.1:1'] }] } };
const USERS = { basic_auth_users: { [USER.name]: USER.hash } };

async function withTls(stage: Stage, more: object): Promise<Exporter> {
  const authority = await createAuthority(stage, 'web');
  const { certFile, keyFile } = await authority.issue('localhost');
  return startGuarded(stage, { tls_server_config: { cert_file: certFile, key_file: keyFile, ...more } }, CONFIG);
}

needs('openssl')(
  'a container is healthy with and without a web configuration, and only while its exporter is',
  async (stage) => {
    const exporters = [
      await startExporter(stage, CONFIG),
      await startGuarded(stage, USERS, CONFIG),
      await withTls(stage, {}),
      await withTls(stage, { client_auth_type: 'RequireAnyClientCert' }),
    ];
    expect(CHECKS).toHaveLength(2);
    for (const exporter of exporters) expect(await exitCodes(portOf(exporter))).toEqual([0, 0]);
    expect(await exitCodes(await freePort())).toEqual([1, 1]);
  },
);
