import { freePort } from '../e2e-ports.ts';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';
import { AS_NOBODY, NobodysDirectory } from './nobody.ts';

export type Etcd = {
  readonly program: Program;
  readonly port: number;
  /** The lines of its log that are more than information. */
  readonly complaints: () => readonly string[];
};

/** Starts an etcd that is a cluster of its own; it answers grpc.health.v1 on its client port. */
export async function startEtcd(stage: Stage, tls?: { readonly cert: Buffer; readonly key: Buffer }): Promise<Etcd> {
  const directory = new NobodysDirectory(stage, 'etcd');
  const [port, peerPort] = [await freePort(), await freePort()];
  const client = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const secure =
    tls === undefined
      ? []
      : [
          `--cert-file=${directory.write('server.pem', tls.cert)}`,
          `--key-file=${directory.write('server.key', tls.key)}`,
        ];
  const program = stage.start([
    ...AS_NOBODY,
    'etcd',
    '--name=probed',
    `--data-dir=${directory.path}/data`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=probed=${peer}`,
    '--logger=zap',
    ...secure,
  ]);
  await program.said(/serving client traffic/);
  return {
    program,
    port,
    complaints: () => program.stderr.split('\n').filter((line) => /"level":"(?:warn|error|panic|fatal)"/.test(line)),
  };
}
