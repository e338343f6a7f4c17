import { resolve } from 'node:path';
import type { Stage } from './e2e-stage.ts';

type AppOptions = {
  readonly host: string;
  /** The one path that it answers; any other is 404. */
  readonly path: string;
  /** What it connects to for each request: see test/e2e/programs/app.mjs. */
  readonly standsOn?: { readonly kind: 'postgresql' | 'amqp'; readonly address: string };
  /** What is put before its command line, such as nsenter and its flags. */
  readonly before?: readonly string[];
};

const PROGRAM = resolve('test/e2e/programs/app.mjs');

/** A small web application, until the test is over: host and port. */
export async function startApp(stage: Stage, { host, path, standsOn, before = [] }: AppOptions): Promise<string> {
  const behind = standsOn === undefined ? ['nothing'] : [standsOn.kind, ...standsOn.address.split(':')];
  const app = stage.start([...before, process.execPath, PROGRAM, host, path, ...behind]);
  const [, port = ''] = await app.said(/listening port=(\d+)/);
  return `${host}:${port}`;
}
