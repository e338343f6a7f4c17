import { chmodSync } from 'node:fs';
import { freePort } from '../e2e-ports.ts';
import type { Stage } from '../e2e-stage.ts';
import { listening } from './listening.ts';

type Proxy = { readonly port: number };

/** A tinyproxy that lets everybody of this machine through who knows the password, to any port. */
export async function startTinyproxy(stage: Stage): Promise<Proxy> {
  const port = await freePort();
  chmodSync(stage.directory, 0o777);
  const lines = ['Listen 127.0.0.1', 'MaxClients 50', 'Allow 127.0.0.1', 'BasicAuth me hunter2', 'LogLevel Error'];
  const config = stage.write('tinyproxy.conf', [`Port ${port}`, ...lines, ''].join('\n'));
  stage.start(['tinyproxy', '-d', '-c', config]);
  await listening(port);
  return { port };
}

/** A squid that lets everybody of this machine through, to ports of web servers only as it is by default: CONNECT only to these. */
export async function startSquid(stage: Stage, connectTo: readonly number[]): Promise<Proxy> {
  const port = await freePort();
  chmodSync(stage.directory, 0o777);
  const config = stage.write(
    'squid.conf',
    `http_port 127.0.0.1:${port}
acl connect method CONNECT
acl tunnels port ${connectTo.join(' ')}
http_access deny connect !tunnels
http_access allow localhost
cache deny all
cache_log stdio:${stage.directory}/cache.log
access_log none
netdb_filename none
pid_filename none
coredump_dir ${stage.directory}
shutdown_lifetime 0 seconds
`,
  );
  stage.start(['squid', '-N', '-f', config]);
  await listening(port);
  return { port };
}
