import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { GSSENC_REQUEST, SSL_REQUEST, startupMessage, TERMINATE } from '../../../src/checks/postgresql-messages.ts';
import { postgresDirectories } from '../e2e-alert-services.ts';
import { freePort } from '../e2e-ports.ts';
import { type Program, runWell } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';
import { SELF_SIGNED } from '../line-server.ts';
import { type Peer, peer } from '../peers.ts';

/** A running PostgreSQL. `sql` is done by its superuser postgres; `log` is what it has logged so far. */
export type PostgreSql = {
  readonly address: string;
  readonly port: number;
  readonly program: Program;
  readonly sql: (statements: string) => Promise<string>;
  readonly log: () => string;
  /** Writes a file of the data directory that only the server may read. */
  readonly write: (name: string, content: Uint8Array | string) => void;
};

export type PostgreSqlPlan = {
  /** Lines of pg_hba.conf, after the one that trusts postgres. */
  readonly hba: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  /** Files of the data directory. */
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  /** What it says when it is as far as the test needs it. */
  readonly ready?: RegExp;
};

const NOBODY = 65_534;
const NONE = Buffer.alloc(0);
const READY = /database system is ready to accept connections/;

/** A new, empty PostgreSQL on 127.0.0.1, as nobody where the test is root. */
export async function startPostgreSql(stage: Stage, plan: PostgreSqlPlan): Promise<PostgreSql> {
  const { hba, settings = {}, files = {}, ready = READY } = plan;
  const port = await freePort();
  const [programs = ''] = postgresDirectories();
  const directory = mkdtempSync(join(tmpdir(), 'port-exporter-e2e-postgresql-'));
  stage.onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(directory, NOBODY, NOBODY);
  const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const data = join(directory, 'data');
  const write = (name: string, content: Uint8Array | string) => {
    const file = join(data, name);
    writeFileSync(file, content, { mode: 0o600 });
    if (isRoot) chownSync(file, NOBODY, NOBODY);
  };
  const init = ['--no-sync', '--auth=trust', '--username=postgres', `--pgdata=${data}`];
  await runWell([...as, join(programs, 'initdb'), ...init]);
  write('pg_hba.conf', ['host all postgres 127.0.0.1/32 trust', ...hba, ''].join('\n'));
  for (const [name, content] of Object.entries(files)) write(name, content);
  const place = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', ''];
  const how = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const program = stage.start([...as, join(programs, 'postgres'), ...place, ...how, '-c', 'fsync=off']);
  await program.said(ready);
  const psql = ['psql', '-X', '-q', '-t', '-A', '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres'];
  return {
    address: `127.0.0.1:${port}`,
    port,
    program,
    sql: async (statements) => (await runWell([...psql, '-c', statements])).trim(),
    log: () => program.stderr,
    write,
  };
}

/** Opens a session and holds it until the test is over. */
export async function holdSession(stage: Stage, port: number, user: string): Promise<void> {
  const socket: Socket = connect(port, '127.0.0.1').on('error', () => undefined);
  stage.onEnd(() => socket.destroy());
  socket.write(startupMessage({ user, database: 'postgres' }));
  const ended = Buffer.from('5a0000000549', 'hex');
  let said = Buffer.alloc(0);
  await new Promise<void>((resolve, reject) => {
    socket.on('close', () => reject(new Error(`no session: ${said.toString('latin1')}`)));
    socket.on('data', (chunk) => {
      said = Buffer.concat([said, chunk]);
      if (said.includes(ended)) resolve();
    });
  });
}

/** What a scripted server answers; what is absent is not answered. */
export type Script = {
  /** To a StartupMessage, and whether it then hangs up. */
  readonly session?: Buffer;
  readonly hangsUp?: boolean;
  readonly ssl?: Buffer | 'TLS';
  readonly gss?: Buffer;
};

/** A message of the server. */
export function message(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5, type);
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

/** A scripted server, and the messages that it was told: a StartupMessage by its parameters. */
export async function scriptedPostgreSql(script: Script): Promise<Peer & { readonly heard: readonly string[] }> {
  const heard: string[] = [];
  const listen = (socket: Socket): void => {
    socket.on('data', (bytes: Buffer) => {
      const name = nameOf(bytes);
      heard.push(name);
      const { say, isLast } = answerTo(name, script);
      socket.write(say);
      if (isLast) socket.end();
      if (name === 'SSLRequest' && script.ssl === 'TLS') listen(inTls(socket));
    });
  };
  return { ...(await peer(listen)), heard };
}

function answerTo(name: string, { session = NONE, ssl = NONE, gss = NONE, hangsUp = false }: Script) {
  if (name === 'SSLRequest') return { say: ssl === 'TLS' ? Buffer.from('S') : ssl, isLast: false };
  if (name === 'GSSENCRequest') return { say: gss, isLast: false };
  return name === 'Terminate' ? { say: NONE, isLast: true } : { say: session, isLast: hangsUp };
}

function inTls(socket: Socket): Socket {
  socket.removeAllListeners('data');
  return new TLSSocket(socket, { isServer: true, ...SELF_SIGNED }).on('error', () => undefined);
}

function nameOf(bytes: Buffer): string {
  const names = { SSLRequest: SSL_REQUEST, GSSENCRequest: GSSENC_REQUEST, Terminate: TERMINATE };
  const known = Object.entries(names).find(([, request]) => request.equals(bytes));
  return known?.[0] ?? bytes.toString('latin1', 8).replaceAll('\0', ' ').trim();
}
