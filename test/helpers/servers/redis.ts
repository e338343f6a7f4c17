import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { freePort } from '../e2e-ports.ts';
import { type Program, runWell } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';

/** A running redis-server of the test's own. */
export type RedisServer = {
  readonly address: string;
  readonly program: Program;
  /** What redis-cli says to a command. */
  readonly ask: (...command: readonly string[]) => Promise<string>;
  /** One number of INFO. */
  readonly counter: (name: string) => Promise<number>;
  /** An open connection that has said this, for as long as the test lasts. */
  readonly hold: (said?: string) => Promise<Socket>;
};

export type RedisOptions = { readonly args?: readonly string[]; readonly password?: string; readonly tls?: boolean };

/** Starts it on a free port of 127.0.0.1; it may still be loading its data. */
export async function startRedisServer(
  stage: Stage,
  { args = [], password, tls = false }: RedisOptions = {},
): Promise<RedisServer> {
  const port = `${await freePort()}`;
  const listen = tls ? ['--port', '0', '--tls-port', port] : ['--port', port];
  const secret = password === undefined ? [] : ['--requirepass', password];
  const own = ['--bind', '127.0.0.1', '--dir', stage.directory, '--save', '', ...listen, ...secret];
  const program = stage.start(['redis-server', ...own, ...args]);
  await program.said(/Server initialized/);
  const ask = (...command: readonly string[]) => {
    const login = password === undefined ? [] : ['--no-auth-warning', '-a', password];
    return runWell(['redis-cli', '-p', port, ...login, ...command]);
  };
  return {
    address: `127.0.0.1:${port}`,
    program,
    ask,
    counter: async (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(await ask('INFO', 'everything'))?.[1]),
    hold: async (said = '') => {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
      stage.onEnd(() => socket.destroy());
      await once(socket, 'connect');
      socket.resume().write(said);
      return socket;
    },
  };
}

/** How many lines it has logged. */
export function logLines({ stdout, stderr }: Program): number {
  return `${stdout}${stderr}`.split('\n').length - 1;
}
