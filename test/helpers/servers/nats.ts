import { freePort } from '../e2e-ports.ts';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';
import { AS_NOBODY, NobodysDirectory } from './nobody.ts';

export type Nats = {
  readonly program: Program;
  readonly address: string;
  /** The lines of its log since the last call, at its default level. */
  readonly newLines: () => readonly string[];
};

export type NatsSettings = {
  /** Lines of its configuration. */
  readonly settings?: readonly string[];
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  /** The authority whose certificates clients must have. */
  readonly clientCa?: string;
};

export async function startNats(stage: Stage, { settings = [], tls, clientCa }: NatsSettings = {}): Promise<Nats> {
  const directory = new NobodysDirectory(stage, 'nats');
  const port = await freePort();
  const config = [`listen: "127.0.0.1:${port}"`, ...settings];
  if (tls !== undefined) {
    const [cert, key] = [directory.write('server.pem', tls.cert), directory.write('server.key', tls.key)];
    const verify = clientCa === undefined ? '' : `ca_file: "${directory.write('ca.pem', clientCa)}", verify: true,`;
    config.push(`tls { cert_file: "${cert}", key_file: "${key}", ${verify} timeout: 5 }`);
  }
  const program = stage.start([
    ...AS_NOBODY,
    'nats-server',
    '-c',
    directory.write('nats.conf', `${config.join('\n')}\n`),
  ]);
  await program.said(/Server is ready/);
  let seen = program.stderr.length;
  return {
    program,
    address: `127.0.0.1:${port}`,
    newLines: () => {
      const lines = program.stderr.slice(seen).split('\n').filter(Boolean);
      seen = program.stderr.length;
      return lines;
    },
  };
}
