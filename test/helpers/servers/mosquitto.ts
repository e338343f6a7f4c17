import { freePort } from '../e2e-ports.ts';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';
import { AS_NOBODY, NobodysDirectory } from './nobody.ts';

export type Mosquitto = {
  readonly program: Program;
  /** The addresses of its listeners, in the order asked for. */
  readonly addresses: readonly string[];
  /** The lines of its log since the last call, at its default level. */
  readonly newLines: () => readonly string[];
};

type Listener = {
  readonly settings?: readonly string[];
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
};

/** A Mosquitto with these listeners; a listener lets everybody in unless its settings say otherwise. */
export async function startMosquitto(stage: Stage, listeners: readonly Listener[]): Promise<Mosquitto> {
  const directory = new NobodysDirectory(stage, 'mosquitto');
  const ports = await Promise.all(listeners.map(() => freePort()));
  const config = listeners.flatMap(({ settings = ['allow_anonymous true'], tls }, i) => [
    `listener ${ports[i]} 127.0.0.1`,
    ...settings,
    ...(tls === undefined
      ? []
      : [`certfile ${directory.write(`${i}.pem`, tls.cert)}`, `keyfile ${directory.write(`${i}.key`, tls.key)}`]),
  ]);
  const file = directory.write('mosquitto.conf', ['per_listener_settings true', ...config, ''].join('\n'));
  const program = stage.start([...AS_NOBODY, 'mosquitto', '-c', file]);
  await program.said(/mosquitto version \S+ running/);
  let seen = program.stderr.length;
  return {
    program,
    addresses: ports.map((port) => `127.0.0.1:${port}`),
    newLines: () => {
      const lines = program.stderr.slice(seen).split('\n').filter(Boolean);
      seen = program.stderr.length;
      return lines;
    },
  };
}
