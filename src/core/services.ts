/** A kind of server, by the names and ports it is registered under. */
export type Service = {
  readonly name: string;
  /** Its usual ports, the first one assumed by service://host. */
  readonly ports: readonly number[];
};

/** Every service that `service:` may name. A bare host:port is labelled by its port. Source: IANA port numbers, the projects' documentation. */
export const SERVICES: readonly Service[] = [
  { name: 'amqp', ports: [5672] },
  { name: 'amqps', ports: [5671] },
  { name: 'cassandra', ports: [9042] },
  { name: 'dns', ports: [53] },
  { name: 'docker', ports: [2376, 2375] },
  { name: 'elasticsearch', ports: [9200] },
  { name: 'ftp', ports: [21] },
  { name: 'http', ports: [80, 8080] },
  { name: 'https', ports: [443, 8443] },
  { name: 'imap', ports: [143] },
  { name: 'imaps', ports: [993] },
  { name: 'kafka', ports: [9092] },
  { name: 'kubernetes', ports: [6443] },
  { name: 'ldap', ports: [389] },
  { name: 'ldaps', ports: [636] },
  { name: 'memcached', ports: [11211] },
  { name: 'mongodb', ports: [27017] },
  { name: 'mqtt', ports: [1883] },
  { name: 'mqtts', ports: [8883] },
  { name: 'mysql', ports: [3306] },
  { name: 'nats', ports: [4222] },
  { name: 'pop3', ports: [110] },
  { name: 'pop3s', ports: [995] },
  { name: 'postgresql', ports: [5432] },
  { name: 'redis', ports: [6379] },
  { name: 'sftp', ports: [] },
  { name: 'smtp', ports: [25, 587] },
  { name: 'smtps', ports: [465] },
  { name: 'ssh', ports: [22] },
  { name: 'tcp', ports: [] },
  { name: 'zookeeper', ports: [2181] },
];

const BY_NAME = new Map(SERVICES.map((service) => [service.name, service]));
const BY_PORT = new Map(SERVICES.flatMap((service) => service.ports.map((port) => [port, service.name])));

/** The service of that name, or undefined. */
export function serviceByName(name: string): Service | undefined {
  return BY_NAME.get(name);
}

/** What usually listens on the port: the `service` label of a bare host:port, "tcp" when unknown. */
export function serviceByPort(port: number): string {
  return BY_PORT.get(port) ?? 'tcp';
}
