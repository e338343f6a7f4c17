import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { freePort } from '../e2e-ports.ts';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';
import { listening } from './listening.ts';
import { AS_NOBODY, NobodysDirectory } from './nobody.ts';

/** A running memcached. */
type Memcached = {
  readonly address: string;
  readonly port: number;
  readonly program: Program;
  /** Its counters by name, as `stats` tells them; that visit counts too. */
  readonly stats: () => Promise<Readonly<Record<string, number>>>;
};

type MemcachedPlan = {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer };
};

/** Debian's memcached on a free port of loopback, as nobody where the test is root. */
export async function startMemcached(stage: Stage, { args = [], env = {}, certificate }: MemcachedPlan = {}) {
  const port = await freePort();
  const tls: string[] = [];
  if (certificate !== undefined) {
    const directory = new NobodysDirectory(stage, 'memcached');
    const files = [directory.write('cert.pem', certificate.cert), directory.write('key.pem', certificate.key)];
    tls.push('-Z', '-o', `ssl_chain_cert=${files[0]},ssl_key=${files[1]}`);
  }
  const command = [...AS_NOBODY, 'memcached', '-l', '127.0.0.1', '-p', String(port), ...tls, ...args];
  const program = stage.start(command, { env });
  await listening(port);
  const memcached: Memcached = {
    address: `127.0.0.1:${port}`,
    port,
    program,
    stats: async () => {
      const text = await ask(port, 'stats\r\n', /END\r\n$/);
      const pairs = [...text.matchAll(/^STAT (\S+) (\d+)\r$/gm)].map(([, name = '', value]) => [name, Number(value)]);
      return Object.fromEntries(pairs);
    },
  };
  return memcached;
}

async function ask(port: number, request: string, whole: RegExp): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  socket.write(request);
  await vi.waitFor(() => expect(said).toMatch(whole), { interval: 5 });
  socket.end();
  return said;
}
