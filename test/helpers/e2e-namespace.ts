import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream';
import type { Answer, Ask } from './e2e-http.ts';
import { type Program, runWell } from './e2e-program.ts';
import type { Stage } from './e2e-stage.ts';

const PROGRAMS = resolve('test/e2e/programs');

/** A network of its own: only loopback, its own firewall, its own resolv.conf. */
export type Namespace = {
  /** The process that holds it open. */
  readonly pid: number;
  /** What puts a command line into the namespace. */
  readonly enter: readonly string[];
  readonly iptables: (...rule: readonly string[]) => Promise<unknown>;
  readonly ip6tables: (...rule: readonly string[]) => Promise<unknown>;
  readonly ip: (...words: readonly string[]) => Promise<unknown>;
  /** Takes a request to a server in the namespace. */
  readonly ask: (url: string, how?: Ask) => Promise<Answer>;
  /** Starts one of test/e2e/programs in the namespace and waits until it says where it listens. */
  readonly listen: (program: string, ...args: readonly string[]) => Promise<Program>;
  /** An address outside of the namespace that leads to this port of 127.0.0.1 in it. */
  readonly open: (port: number) => Promise<string>;
};

/** Lives until the test is over: a shell holds it open. Names are asked of 127.0.0.1, port 53. */
export async function createNamespace(stage: Stage): Promise<Namespace> {
  const resolvConf = stage.write('resolv.conf', 'nameserver 127.0.0.1\n');
  const setUp = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && echo ready && exec cat';
  const holder = stage.start(['unshare', '--mount', '--net', 'sh', '-c', setUp, 'sh', resolvConf]);
  await holder.said(/ready/);
  const enter = ['nsenter', `--target=${holder.pid}`, '--mount', '--net'];
  const listen = async (program: string, ...args: readonly string[]) => {
    const started = stage.start([...enter, process.execPath, `${PROGRAMS}/${program}.mjs`, ...args]);
    await started.said(/listening/);
    return started;
  };
  return {
    pid: holder.pid,
    enter,
    iptables: (...rule) => runWell([...enter, 'iptables', ...rule]),
    ip6tables: (...rule) => runWell([...enter, 'ip6tables', ...rule]),
    ip: (...words) => runWell([...enter, 'ip', ...words]),
    ask: async (url, { headers = {} } = {}) =>
      JSON.parse(
        await runWell([...enter, process.execPath, `${PROGRAMS}/ask.mjs`, url, JSON.stringify(headers)]),
      ) as Answer,
    listen,
    open: async (port) => {
      const file = join(stage.directory, `port-${port}`);
      await listen('relay', file, String(port));
      return leadTo(file, stage);
    },
  };
}

/** Puts a cable between two of them, called eth0 at both ends: the near end is 10.0.0.1, the far end 10.0.0.2. */
export async function connectNamespaces(near: Namespace, far: Namespace): Promise<void> {
  await near.ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(far.pid));
  await near.ip('address', 'add', '10.0.0.1/24', 'dev', 'eth0');
  await far.ip('address', 'add', '10.0.0.2/24', 'dev', 'eth0');
  for (const end of [near, far]) await end.ip('link', 'set', 'eth0', 'up');
}

/** A free port of 127.0.0.1 that leads to a Unix socket, which is the same in every namespace of networks. */
async function leadTo(file: string, stage: Stage): Promise<string> {
  const server = createServer((from) => pipeline(from, connect(file), from, () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.onEnd(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
