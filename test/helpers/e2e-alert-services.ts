import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './e2e-ports.ts';
import { type Program, runWell } from './e2e-program.ts';
import type { Stage } from './e2e-stage.ts';

/** A real service that a test can kill and start again at the same address. */
export type Service = {
  readonly address: string;
  /** Ends it without a word to its clients. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
};

/**
 * A Redis at this address of loopback, running. Each host is a host of its own for the rules: 127.0.0.2 is not 127.0.0.1. `before` is what
 * is put before its command line, such as nsenter and its flags.
 */
export async function startRedis(stage: Stage, host = '127.0.0.1', before: readonly string[] = []): Promise<Service> {
  const port = await freePort();
  const files = ['--dir', stage.directory, '--save', '', '--appendonly', 'no'];
  return startService(`${host}:${port}`, async () => {
    const redis = stage.start([...before, 'redis-server', '--bind', host, '--port', String(port), ...files]);
    await redis.said(/Ready to accept connections/);
    return redis;
  });
}

const POSTGRESQL = '/usr/lib/postgresql';
const NOBODY = 65_534;

/** Where Debian has the programs of PostgreSQL: not on the PATH but by version, the newest first. */
export function postgresDirectories(): readonly string[] {
  if (!existsSync(POSTGRESQL)) return [];
  const versions = readdirSync(POSTGRESQL).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(POSTGRESQL, version, 'bin'));
}

/** A PostgreSQL with a new, empty cluster. It refuses to be root, so root lets nobody run it. */
export async function startPostgres(stage: Stage, host = '127.0.0.1'): Promise<Service> {
  const port = await freePort();
  const [programs = ''] = postgresDirectories();
  const program = (name: string) => join(programs, name);
  const directory = mkdtempSync(join(tmpdir(), 'port-exporter-e2e-postgresql-'));
  stage.onEnd(() => rmSync(directory, { recursive: true, force: true }));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(directory, NOBODY, NOBODY);
  const as = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const data = join(directory, 'data');
  await runWell([...as, program('initdb'), '--no-sync', '--auth=trust', '--username=postgres', `--pgdata=${data}`]);
  return startService(`${host}:${port}`, async () => {
    const place = ['-D', data, '-h', host, '-p', String(port), '-k', ''];
    const postgres = stage.start([...as, program('postgres'), ...place]);
    await postgres.said(/database system is ready to accept connections/);
    return postgres;
  });
}

async function startService(address: string, start: () => Promise<Program>): Promise<Service> {
  let program = await start();
  return {
    address,
    kill: async () => {
      program.signal('SIGQUIT');
      await program.exit();
    },
    start: async () => {
      program = await start();
    },
  };
}
