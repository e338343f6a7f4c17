import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runWell } from './e2e-program.ts';
import type { Stage } from './e2e-stage.ts';

/** A certificate with its key, as Node's TLS wants them. */
export type Certificate = {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The same as files. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Seconds since 1970. */
  readonly expiry: number;
};

type Validity = { readonly from: string; readonly to: string };

type Authority = {
  /** The file with its own certificate. */
  readonly file: string;
  /** The same, as it is. */
  readonly pem: Buffer;
  /** A certificate for a host, or for the alternative names, as OpenSSL writes them; for anything, or only for that extended key usage. */
  readonly issue: (
    name: string,
    validity?: Validity,
    alternativeNames?: string,
    usage?: string,
  ) => Promise<Certificate>;
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
    pem: readFileSync(join(directory, 'ca.pem')),
    issue: async (host, { from, to } = VALID, alternativeNames = `DNS:${host}`, usage) => {
      const id = `${++count}`;
      const who = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=${alternativeNames}`];
      const what = usage === undefined ? [] : ['-addext', `extendedKeyUsage=${usage}`];
      await openssl('req', ...NEW_KEY, ...who, ...what, '-keyout', `${id}.key`, '-out', `${id}.csr`);
      const when = ['-startdate', from, '-enddate', to];
      await openssl('ca', '-batch', '-notext', '-config', CONFIG, ...when, '-in', `${id}.csr`, '-out', `${id}.pem`);
      const [certFile, keyFile] = [join(directory, `${id}.pem`), join(directory, `${id}.key`)];
      const cert = readFileSync(certFile);
      const expiry = Date.parse(new X509Certificate(cert).validTo) / 1000;
      return { cert, key: readFileSync(keyFile), certFile, keyFile, expiry };
    },
  };
}
