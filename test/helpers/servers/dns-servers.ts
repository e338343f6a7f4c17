import { freePort } from '../e2e-ports.ts';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';
import { AS_NOBODY, NobodysDirectory } from './nobody.ts';

/** A running name server, by TCP and UDP. */
export type NameServer = {
  readonly address: string;
  readonly program: Program;
  /** What it has logged since it was ready. */
  readonly log: () => readonly string[];
};

/** A BIND with its counters by name: of rcodes that it sent, and of what it made of queries. Those that are 0 are absent. */
export type Bind = NameServer & { readonly counters: () => Promise<Readonly<Record<string, number>>> };

const ENV = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/**
 * Debian's BIND on a free port of loopback, an authority for example.org and for secondary.example, which it could never fetch.
 * `options`: further lines of its options.
 */
export async function startBind(stage: Stage, options: readonly string[] = []): Promise<Bind> {
  const [port, statisticsPort] = [await freePort(), await freePort()];
  const directory = new NobodysDirectory(stage, 'bind');
  const zone = directory.write('zone', '$TTL 60\n@ SOA ns hostmaster 1 60 60 60 60\n@ NS ns\nns A 127.0.0.1\n');
  const file = directory.write(
    'named.conf',
    `\
options {
  directory "${directory.path}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
  notify no;
  ${options.join('\n  ')}
};
controls { };
statistics-channels { inet 127.0.0.1 port ${statisticsPort} allow { 127.0.0.1; }; };
zone "example.org" { type primary; file "${zone}"; };
zone "secondary.example" { type secondary; primaries { 127.0.0.1 port 1; }; file "secondary"; };
`,
  );
  const program = stage.start([...AS_NOBODY, 'named', '-g', '-c', file], { env: ENV });
  await program.said(/secondary\.example\/IN: refresh: .*\n/);
  return {
    ...nameServer(port, program, /\brunning\n/),
    counters: async () => {
      const reply = await fetch(`http://127.0.0.1:${statisticsPort}/json/v1/server`);
      const { rcodes, nsstats } = (await reply.json()) as Record<'rcodes' | 'nsstats', Record<string, number>>;
      return Object.fromEntries(Object.entries({ ...rcodes, ...nsstats }).filter(([, count]) => count > 0));
    },
  };
}

/** Debian's Unbound on a free port of loopback. It is never asked for anything that it would have to look up. */
export async function startUnbound(stage: Stage, options: readonly string[] = []): Promise<NameServer> {
  const port = await freePort();
  const directory = new NobodysDirectory(stage, 'unbound');
  const file = directory.write(
    'unbound.conf',
    `\
server:
  interface: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  directory: "${directory.path}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  do-daemonize: no
  module-config: "iterator"
  ${options.join('\n  ')}
remote-control:
  control-enable: no
`,
  );
  const program = stage.start([...AS_NOBODY, 'unbound', '-d', '-c', file], { env: ENV });
  await program.said(/start of service/);
  return nameServer(port, program, /start of service.*\n/);
}

/** Debian's dnsmasq on a free port of loopback, without anybody to forward to. */
export async function startDnsmasq(stage: Stage): Promise<NameServer> {
  const port = await freePort();
  const where = ['--listen-address=127.0.0.1', '--bind-interfaces', `--port=${port}`];
  const own = ['--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--pid-file=', '--log-facility=-'];
  const program = stage.start([...AS_NOBODY, 'dnsmasq', '--keep-in-foreground', ...own, ...where], { env: ENV });
  await program.said(/cleared cache/);
  return nameServer(port, program, /cleared cache\n/);
}

function nameServer(port: number, program: Program, ready: RegExp): NameServer {
  const log = () => {
    const { stderr } = program;
    const found = ready.exec(stderr);
    const since = found === null ? '' : stderr.slice(found.index + found[0].length);
    // What it says of a zone that it could never fetch comes by itself.
    return since.split('\n').filter((line) => line.trim() !== '' && !line.includes('zone secondary.example'));
  };
  return { address: `127.0.0.1:${port}`, program, log };
}

/** Debian's BIND as an authority for example.org with these records and no others, by TCP and UDP on one port and in TLS on another. */
export async function startZone(
  stage: Stage,
  records: string,
  { cert, key }: { readonly cert: Buffer; readonly key: Buffer },
): Promise<{ readonly port: number; readonly tlsPort: number }> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  const directory = new NobodysDirectory(stage, 'zone');
  const files = { cert: directory.write('cert', cert), key: directory.write('key', key) };
  const file = directory.write(
    'named.conf',
    `\
tls own { cert-file "${files.cert}"; key-file "${files.key}"; };
options {
  directory "${directory.path}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on port ${tlsPort} tls own { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
  notify no;
};
controls { };
zone "example.org" { type primary; check-names ignore; file "${directory.write('zone', records)}"; };
`,
  );
  const program = stage.start([...AS_NOBODY, 'named', '-g', '-c', file], { env: ENV });
  await program.said(/\brunning\n/);
  return { port, tlsPort };
}
