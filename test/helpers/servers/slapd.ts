import { freePort } from '../e2e-ports.ts';
import { type Program, runWell } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';
import { listening } from './listening.ts';
import { AS_NOBODY, NobodysDirectory } from './nobody.ts';

/** A running slapd. */
type Slapd = {
  /** ldap, StartTLS included where it has a certificate. */
  readonly address: string;
  /** ldaps. */
  readonly tlsAddress: string;
  readonly program: Program;
  /** What it has logged since it was ready. */
  readonly log: () => readonly string[];
};

type SlapdPlan = {
  /** Lines of slapd.conf before the database. */
  readonly settings?: readonly string[];
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer };
  /** "none" is Debian's. */
  readonly logLevel?: 'none' | 'stats';
};

const PATHS = ['/usr/sbin', '/sbin'];

/** Debian's slapd with a small directory of its own on free ports of loopback, as nobody where the test is root. */
export async function startSlapd(stage: Stage, { settings = [], certificate, logLevel = 'none' }: SlapdPlan = {}) {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const directory = new NobodysDirectory(stage, 'slapd');
  const tls: string[] = [];
  if (certificate !== undefined) {
    const { cert, key } = certificate;
    tls.push(`TLSCertificateFile ${directory.write('cert.pem', cert)}`);
    tls.push(`TLSCertificateKeyFile ${directory.write('key.pem', key)}`);
  }
  const lines = [
    'include /etc/ldap/schema/core.schema',
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    ...tls,
    ...settings,
    'database mdb',
    'suffix dc=example,dc=org',
    `directory ${directory.path}`,
    '',
  ];
  const file = directory.write('slapd.conf', lines.join('\n'));
  const ldif = directory.write('root.ldif', ROOT);
  const env = { PATH: [process.env['PATH'] ?? '', ...PATHS].join(':') };
  await runWell([...AS_NOBODY, 'env', `PATH=${env.PATH}`, 'slapadd', '-q', '-f', file, '-l', ldif]);
  const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
  const program = stage.start([...AS_NOBODY, 'slapd', '-f', file, '-h', urls, '-d', logLevel], { env });
  await program.said(/slapd starting/);
  await listening(port);
  await listening(tlsPort);
  const slapd: Slapd = {
    address: `127.0.0.1:${port}`,
    tlsAddress: `127.0.0.1:${tlsPort}`,
    program,
    log: () => (program.stderr.split('slapd starting')[1] ?? '').split('\n').filter((line) => line.trim() !== ''),
  };
  return slapd;
}

const ROOT = `\
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
o: example
dc: example
`;
