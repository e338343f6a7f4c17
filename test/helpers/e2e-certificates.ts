import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runWell } from './e2e-program.ts';
import type { Stage } from './e2e-stage.ts';

/** A certificate with its key, as Node's TLS wants them. */
type Certificate = {
  readonly cert: Buffer;
  readonly key: Buffer /** Seconds since 1970. */;
  readonly expiry: number;
};

type Authority = {
  /** The file with its own certificate. */
  readonly file: string;
  readonly issue: (name: string, validity?: { readonly from: string; readonly to: string }) => Promise<Certificate>;
};

const CONFIG = resolve('test/fixtures/tls/openssl.cnf');
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-config', CONFIG];
const VALID = { from: '20200101000000Z', to: '20991231235959Z' };
/** Over, but begun properly. */
export const EXPIRED = { from: '20200101000000Z', to: '20210101000000Z' };

/** A new certificate authority, made by openssl in a directory of its own. */
export async function createAuthority(stage: Stage, name: string): Promise<Authority> {
  const directory = join(stage.directory, name);
  stage.write(join(name, 'index.txt'), '');
  const openssl = (...args: readonly string[]) => runWell(['openssl', ...args], { cwd: directory });
  const own = ['-subj', `/CN=${name}`, '-days', '36500', '-extensions', 'authority_extensions'];
  await openssl('req', '-x509', ...NEW_KEY, ...own, '-keyout', 'ca.key', '-out', 'ca.pem');
  let count = 0;
  return {
    file: join(directory, 'ca.pem'),
    issue: async (host, { from, to } = VALID) => {
      const id = `${++count}`;
      const who = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
      await openssl('req', ...NEW_KEY, ...who, '-keyout', `${id}.key`, '-out', `${id}.csr`);
      const when = ['-startdate', from, '-enddate', to];
      await openssl('ca', '-batch', '-notext', '-config', CONFIG, ...when, '-in', `${id}.csr`, '-out', `${id}.pem`);
      const cert = readFileSync(join(directory, `${id}.pem`));
      const key = readFileSync(join(directory, `${id}.key`));
      return { cert, key, expiry: Date.parse(new X509Certificate(cert).validTo) / 1000 };
    },
  };
}
