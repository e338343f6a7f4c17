import { join } from 'node:path';
import { freePort } from '../e2e-ports.ts';
import type { Stage } from '../e2e-stage.ts';
import { AS_NOBODY, NobodysDirectory } from './nobody.ts';

/** The script itself: the one in the PATH insists on the directories of the system. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';
const START_MS = 90_000;

export type Rabbitmq = {
  readonly address: string;
  /** In TLS. */
  readonly secureAddress: string;
  /** The lines of its log since the last call, at its default level. */
  readonly newLines: () => readonly string[];
  readonly signal: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** Ends it as a crash does: without a word to anybody. */
  readonly kill: () => Promise<void>;
  /** Starts it again, at the same addresses. */
  readonly start: () => Promise<void>;
};

/**
 * A RabbitMQ with an own, empty node, an epmd of its own, and nothing beyond loopback. It needs some seconds to start: let all of a
 * test share one.
 */
export async function startRabbitmq(stage: Stage, { cert, key }: { cert: Buffer; key: Buffer }): Promise<Rabbitmq> {
  const directory = new NobodysDirectory(stage, 'rabbitmq');
  const inside = (name: string) => join(directory.path, name);
  const [port, securePort, epmd, distribution] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const config = [
    `listeners.tcp.local = 127.0.0.1:${port}`,
    `listeners.ssl.local = 127.0.0.1:${securePort}`,
    `ssl_options.certfile = ${directory.write('server.pem', cert)}`,
    `ssl_options.keyfile = ${directory.write('server.key', key)}`,
    'log.console = true',
    'log.file = false',
  ];
  stage.start([...AS_NOBODY, 'epmd', '-port', String(epmd), '-address', '127.0.0.1']);
  const env = {
    HOME: directory.path,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(epmd),
    RABBITMQ_ADVANCED_CONFIG_FILE: inside('advanced.config'),
    RABBITMQ_CONF_ENV_FILE: inside('rabbitmq-env.conf'),
    RABBITMQ_CONFIG_FILE: directory.write('rabbitmq.conf', `${config.join('\n')}\n`),
    RABBITMQ_CONFIG_FILES: inside('conf.d'),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_ENABLED_PLUGINS_FILE: inside('enabled_plugins'),
    RABBITMQ_LOG_BASE: inside('log'),
    RABBITMQ_MNESIA_BASE: inside('mnesia'),
    RABBITMQ_NODENAME: `probed${port}@localhost`,
    RABBITMQ_PID_FILE: inside('pid'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1',
  };
  const start = async () => {
    const started = stage.start([...AS_NOBODY, PROGRAM], { env, cwd: directory.path, group: true });
    await started.said(/Server startup complete/, START_MS);
    return started;
  };
  let program = await start();
  let seen = program.stdout.length;
  return {
    address: `127.0.0.1:${port}`,
    secureAddress: `127.0.0.1:${securePort}`,
    newLines: () => {
      const lines = program.stdout.slice(seen).split('\n').filter(isLine);
      seen = program.stdout.length;
      return lines;
    },
    // The script starts the server as a child.
    signal: (signal) => process.kill(-program.pid, signal),
    kill: async () => {
      process.kill(-program.pid, 'SIGKILL');
      await program.exit();
    },
    start: async () => {
      program = await start();
      seen = program.stdout.length;
    },
  };
}

function isLine(line: string): boolean {
  return /\[(?:debug|info|notice|warning|error|critical)\]/.test(line);
}
