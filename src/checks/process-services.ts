import { serviceByName, serviceByPort } from './registry.ts';

/** What is known of a process: its name, and its command line where that is needed. */
export type KnownProcess = { readonly name: string; readonly command: readonly string[] };

/**
 * What a program serves: the services that it may have, each on its usual ports. On another port it is the first of them `alone`, where the
 * process listens on no other port, or `always`; else that port is for something else (a cluster, an administration).
 */
type Program = {
  readonly services: readonly string[];
  readonly elsewhere?: 'alone' | 'always';
  /** What a word of the command line looks like, where the name of the process alone says little. */
  readonly command?: RegExp;
  /** Often speaks TLS without another port for it, or answers as its owner likes: not to be spoken to unasked. */
  readonly unspoken?: true;
};

const POSTGRESQL: Program = { services: ['postgresql'], elsewhere: 'always' };
const MYSQL: Program = { services: ['mysql'], elsewhere: 'alone' };
const REDIS: Program = { services: ['redis'], elsewhere: 'alone' };
const SSH: Program = { services: ['ssh'], elsewhere: 'always' };
const SMTP: Program = { services: ['smtp', 'smtps'], elsewhere: 'alone' };
const FTP: Program = { services: ['ftp'], elsewhere: 'alone' };
const LDAP: Program = { services: ['ldap', 'ldaps'] };
const DNS: Program = { services: ['dns'] };
const MONGODB: Program = { services: ['mongodb'], elsewhere: 'always' };
const HTTP: Program = { services: ['http', 'https'], elsewhere: 'always', unspoken: true };
const MAILBOXES: Program = { services: ['imap', 'imaps', 'pop3', 'pop3s'] };
const RABBITMQ: Program = { services: ['amqp', 'amqps'], command: /rabbit/ };
const MQTT: Program = { services: ['mqtt', 'mqtts'] };
const ELASTICSEARCH: Program = { services: ['elasticsearch'], unspoken: true };

const JAVA: readonly Program[] = [
  { services: ['kafka'], command: /^kafka\.Kafka$/ },
  { services: ['zookeeper'], command: /^org\.apache\.zookeeper\.server\.[\w.]*Main$/ },
  { services: ['cassandra'], command: /^org\.apache\.cassandra\.service\.CassandraDaemon$/ },
  { ...ELASTICSEARCH, command: /(?:^|\/)org\.elasticsearch\.bootstrap\.Elasticsearch$/ },
  { ...ELASTICSEARCH, command: /^org\.opensearch\.bootstrap\.OpenSearch$/ },
];

/** Programs by the name of their process, of which the kernel keeps 15 characters. */
const PROGRAMS: ReadonlyMap<string, readonly Program[]> = new Map(
  Object.entries<Program | readonly Program[]>({
    postgres: POSTGRESQL,
    postmaster: POSTGRESQL,
    pgbouncer: POSTGRESQL,
    mysqld: MYSQL,
    mariadbd: MYSQL,
    'redis-server': REDIS,
    'redis-sentinel': REDIS,
    'valkey-server': REDIS,
    'valkey-sentinel': REDIS,
    'keydb-server': REDIS,
    memcached: { services: ['memcached'], elsewhere: 'alone' },
    mongod: MONGODB,
    mongos: MONGODB,
    sshd: SSH,
    dropbear: SSH,
    master: { ...SMTP, command: /\/postfix\// },
    exim4: SMTP,
    exim: SMTP,
    'sendmail-mta': SMTP,
    smtpd: SMTP,
    dovecot: MAILBOXES,
    vsftpd: FTP,
    proftpd: FTP,
    'pure-ftpd': FTP,
    rsync: { services: ['rsync'], elsewhere: 'alone' },
    slapd: LDAP,
    'ns-slapd': LDAP,
    named: DNS,
    unbound: DNS,
    dnsmasq: DNS,
    coredns: DNS,
    knotd: DNS,
    nsd: DNS,
    pdns_server: DNS,
    pdns_recursor: DNS,
    'systemd-resolve': DNS,
    'beam.smp': [RABBITMQ, { ...MQTT, command: /emqx|vernemq/ }],
    mosquitto: MQTT,
    'nats-server': { services: ['nats'] },
    nginx: HTTP,
    apache2: HTTP,
    httpd: HTTP,
    lighttpd: HTTP,
    caddy: HTTP,
    dockerd: { services: ['docker'] },
    'kube-apiserver': { services: ['kubernetes'], elsewhere: 'alone' },
    java: JAVA,
  }).map(([name, programs]) => [name, [programs].flat()]),
);

/** Every service that the table names, for the tests. */
export const SERVICES_OF_PROGRAMS: ReadonlySet<string> = new Set(
  Array.from(PROGRAMS.values(), (programs) => programs.flatMap(({ services }) => services)).flat(),
);

/** What Node.js calls its own process, by version. */
const NODE = /^(?:node|nodejs|node-MainThread|MainThread)$/;
const OURSELVES = /(?:^|\/)port-exporter$|\/dist\/cli\/main\.js$/;

/** Whether the name of a process says too little without its command line. */
export function needsCommandLine(name: string): boolean {
  return NODE.test(name) || (PROGRAMS.get(name) ?? []).some(({ command }) => command !== undefined);
}

/** Whether it is a port-exporter: one that runs is known by its own metrics. */
export function isPortExporter({ name, command }: KnownProcess): boolean {
  return NODE.test(name) && command.slice(0, 8).some((word) => OURSELVES.test(word));
}

/**
 * What listens on a port, and how that is known: by the process, by what usually has the port, or not at all (`tcp`). `spoken`: it is sure
 * enough to be spoken to without anybody having asked for it, and the check does well at a bare address.
 */
export type Identified = {
  readonly service: string;
  readonly by: 'process' | 'port' | undefined;
  readonly spoken: boolean;
};

/** The process decides where it is a program that is known here, the port where it is not. `alone`: it listens on no other port. */
export function identify(port: number, process: KnownProcess | undefined, alone: boolean): Identified {
  const program = process && programOf(process);
  if (program === undefined) {
    const service = serviceByPort(port);
    return { service, by: service === 'tcp' ? undefined : 'port', spoken: false };
  }
  const usual = program.services.find((name) => serviceByName(name)?.ports.includes(port));
  const [first] = program.services;
  const isFirst = program.elsewhere === 'always' || (alone && program.elsewhere === 'alone');
  const service = usual ?? (isFirst ? first : undefined);
  if (service === undefined) return { service: 'tcp', by: undefined, spoken: false };
  return { service, by: 'process', spoken: program.unspoken === undefined && doesWellAnywhere(service) };
}

function programOf({ name, command }: KnownProcess): Program | undefined {
  return PROGRAMS.get(name)?.find(
    ({ command: wanted }) => wanted === undefined || command.some((word) => wanted.test(word)),
  );
}

/** TLS from the first byte needs a name that the certificate is for, which an address of this machine is not. */
function doesWellAnywhere(name: string): boolean {
  const check = serviceByName(name)?.check;
  return check !== undefined && check.tls.unasked !== 'direct';
}
