import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { packet } from '../../../src/checks/mysql-packets.ts';
import { freePort } from '../e2e-ports.ts';
import { type Program, runWell } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';
import { SELF_SIGNED } from '../line-server.ts';
import { type Peer, peer } from '../peers.ts';

/** A running MariaDB. `sql` is done by its root, rows as lines; `log` is what it has logged so far. */
export type MariaDb = {
  readonly address: string;
  readonly port: number;
  readonly program: Program;
  readonly sql: (statements: string) => Promise<string>;
  readonly log: () => string;
  /** Writes a file that only the server may read, and gives its full name. */
  readonly write: (name: string, content: Uint8Array) => string;
};

const NOBODY = 65_534;
/** It need not survive a power cut. */
const SMALL = ['--innodb-buffer-pool-size=8M', '--innodb-flush-log-at-trx-commit=0', '--skip-log-bin'];

/** A new, empty MariaDB on 127.0.0.1, with the performance schema, as nobody where the test is root. `settings` as in "--max-connections=10". */
export async function startMariaDb(stage: Stage, settings: (db: Pick<MariaDb, 'write'>) => readonly string[]) {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'port-exporter-e2e-mariadb-'));
  stage.onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const isRoot = process.getuid?.() === 0;
  const own = (file: string) => {
    if (isRoot) chownSync(file, NOBODY, NOBODY);
    return file;
  };
  own(directory);
  const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const socket = join(directory, 'socket');
  const data = `--datadir=${join(directory, 'data')}`;
  const write = (name: string, content: Uint8Array) => {
    const file = join(directory, name);
    writeFileSync(file, content, { mode: 0o600 });
    return own(file);
  };
  const install = ['mariadb-install-db', '--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db'];
  // Several at once would clear each other's temporary files away.
  await runWell([...as, ...install, data, `--tmpdir=${directory}`]);
  const place = [data, `--socket=${socket}`, '--bind-address=127.0.0.1', `--port=${port}`, `--tmpdir=${directory}`];
  const how = [...SMALL, '--performance-schema=ON', ...settings({ write })];
  const program = stage.start([...as, 'mariadbd', '--no-defaults', ...place, ...how]);
  await program.said(/ready for connections/);
  const client = ['mariadb', '--no-defaults', `--socket=${socket}`, '--user=root', '--batch', '--skip-column-names'];
  const db: MariaDb = {
    address: `127.0.0.1:${port}`,
    port,
    program,
    sql: async (statements) => (await runWell([...client, '--execute', statements])).trim(),
    log: () => program.stderr,
    write,
  };
  return db;
}

/** What a scripted server answers to one packet: the body of another, or those of several. */
export type Answer = Buffer | readonly Buffer[];

/**
 * A scripted server: its greeting, and its answer to each packet in turn; it hangs up after an error, and when it has no more answers.
 * `heard`: what it was told, a login by user and plugin, SSLRequest as TLS, the body of anything else in hex.
 */
export async function scriptedMySql(
  greeting: Buffer,
  answers: readonly Answer[] = [],
): Promise<Peer & { readonly heard: readonly string[] }> {
  const heard: string[] = [];
  const listening = await peer((raw) => {
    const left = [...answers];
    const listen = (socket: Socket): void => {
      socket.on('data', (bytes: Buffer) => {
        const end = 4 + bytes.readUIntLE(0, 3);
        const said = describePacket(bytes.subarray(4, end));
        heard.push(said);
        if (said === 'TLS') listen(inTls(socket, bytes.subarray(end)));
        else reply(socket, bytes.readUInt8(3) + 1, left.shift());
      });
    };
    listen(raw);
    reply(raw, 0, greeting);
  });
  return { ...listening, heard };
}

function reply(socket: Socket, sequence: number, answer: Answer | undefined): void {
  const bodies = answer === undefined ? [] : [answer].flat();
  for (const [i, body] of bodies.entries()) socket.write(packet(sequence + i, body));
  if (bodies.length === 0 || bodies[0]?.[0] === 0xff) socket.end();
}

/** `begun`: what came in the same breath as the request for TLS. */
function inTls(socket: Socket, begun: Buffer): Socket {
  socket.removeAllListeners('data').pause();
  if (begun.length > 0) socket.unshift(begun);
  return new TLSSocket(socket, { isServer: true, ...SELF_SIGNED }).on('error', () => undefined);
}

function describePacket(body: Buffer): string {
  if (body.length === 32) return 'TLS';
  if (body.length > 0 && body.every((byte) => byte === 0)) return `${body.length} zeros`;
  return body.length < 32 ? body.toString('hex') : body.toString('latin1', 32).split('\0').join(' ').trim();
}
