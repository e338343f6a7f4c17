import { describe, expect, test } from 'vitest';
import { identify, isPortExporter, needsCommandLine, SERVICES_OF_PROGRAMS } from '../../src/checks/process-services.ts';
import { serviceByName } from '../../src/checks/registry.ts';

type Case = readonly [port: number, process: string, taken: string];

function taken(port: number, process: string, alone = true): string {
  const [name = '', ...command] = process.split(' ');
  const { service, by, spoken } = identify(port, process === '' ? undefined : { name, command }, alone);
  return [service, by === undefined ? '' : ` by ${by}`, spoken ? ', spoken' : ''].join('');
}

const KAFKA = 'java -cp /opt/kafka/libs/zookeeper-3.8.4.jar:/opt/kafka/libs/kafka.jar kafka.Kafka server.properties';
const ZOOKEEPER = 'java -cp zookeeper.jar org.apache.zookeeper.server.quorum.QuorumPeerMain zoo.cfg';
const SEARCH = 'java --module-path lib -m org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch';

describe('what listens on a port', () => {
  test.each<Case>([
    [5432, 'postgres', 'postgresql by process, spoken'],
    [3306, 'mariadbd', 'mysql by process, spoken'],
    [3306, 'mysqld', 'mysql by process, spoken'],
    [6379, 'redis-server', 'redis by process, spoken'],
    [22, 'sshd', 'ssh by process, spoken'],
    [25, 'master /usr/lib/postfix/sbin/master -w', 'smtp by process, spoken'],
    [587, 'exim4', 'smtp by process, spoken'],
    [143, 'dovecot', 'imap by process, spoken'],
    [110, 'dovecot', 'pop3 by process, spoken'],
    [5672, 'beam.smp /usr/lib/erlang/bin/beam.smp -sname rabbit@db1', 'amqp by process, spoken'],
    [1883, 'beam.smp beam.smp -name emqx@127.0.0.1', 'mqtt by process, spoken'],
    [27017, 'mongod', 'mongodb by process, spoken'],
    [9092, KAFKA, 'kafka by process, spoken'],
    [2181, ZOOKEEPER, 'zookeeper by process, spoken'],
    [9042, 'java java org.apache.cassandra.service.CassandraDaemon', 'cassandra by process, spoken'],
    [53, 'systemd-resolve', 'dns by process, spoken'],
  ])('%i of %s is %s', (port, process, expected) => {
    expect(taken(port, process, false)).toBe(expected);
  });

  test.each<Case>([
    [5432, 'redis-server', 'redis by process, spoken'],
    [6379, 'postgres', 'postgresql by process, spoken'],
    [80, 'sshd', 'ssh by process, spoken'],
  ])('is what its process says, whatever usually has the port: %i of %s is %s', (port, process, expected) => {
    expect(taken(port, process)).toBe(expected);
  });

  test.each<Case>([
    [443, 'nginx', 'https by process'],
    [8080, 'apache2', 'http by process'],
    [3000, 'httpd', 'http by process'],
    [993, 'dovecot', 'imaps by process'],
    [465, 'master /usr/lib/postfix/sbin/master', 'smtps by process'],
    [8883, 'mosquitto', 'mqtts by process'],
    [9200, SEARCH, 'elasticsearch by process'],
    [9200, 'java java org.opensearch.bootstrap.OpenSearch', 'elasticsearch by process'],
    [6443, 'kube-apiserver', 'kubernetes by process'],
  ])(
    'is not spoken to unasked where the answer depends on names and tastes: %i of %s is %s',
    (port, process, expected) => {
      expect(taken(port, process)).toBe(expected);
    },
  );

  test.each<Case>([
    [16_379, 'redis-server', 'tcp'],
    [33_060, 'mysqld', 'tcp'],
    [15_672, 'beam.smp beam.smp -sname rabbit@db1', 'tcp'],
    [8080, ZOOKEEPER, 'tcp'],
    [9200, KAFKA, 'tcp'],
    [9300, SEARCH, 'tcp'],
    [4190, 'dovecot', 'tcp'],
  ])('is not known on a further port of a process: %i of %s is %s', (port, process, expected) => {
    expect(taken(port, process, false)).toBe(expected);
  });

  test.each<Case>([
    [5432, '', 'postgresql by port'],
    [5432, 'docker-proxy', 'postgresql by port'],
    [5432, 'java java -jar shop.jar', 'postgresql by port'],
    [25, 'master /usr/bin/master', 'smtp by port'],
    [5672, 'beam.smp beam.smp -name ejabberd', 'amqp by port'],
    [9999, '', 'tcp'],
    [9999, 'constructor', 'tcp'],
  ])('is known by its port where the process tells nothing: %i of "%s" is %s', (port, process, expected) => {
    expect(taken(port, process)).toBe(expected);
  });
});

test('every service that a process may have is one that can be configured', () => {
  expect([...SERVICES_OF_PROGRAMS].filter((name) => serviceByName(name) === undefined)).toEqual([]);
});

test('the command line is asked for only where the name says too little', () => {
  const names = ['java', 'beam.smp', 'master', 'node', 'postgres', 'redis-server', 'constructor', ''];
  expect(names.filter(needsCommandLine)).toEqual(['java', 'beam.smp', 'master', 'node']);
});

test.each([
  ['node', ['node', '/usr/bin/port-exporter'], true],
  ['node-MainThread', ['/nodejs/bin/node', '--enable-source-maps', '/app/dist/cli/main.js'], true],
  ['node', ['node', 'server.js', '--talks-to=port-exporter.internal'], false],
  ['bash', ['bash', '-c', '/usr/bin/port-exporter'], false],
  ['node', [], false],
])('a port-exporter is known by its command: %s %j', (name, command, expected) => {
  expect(isPortExporter({ name, command })).toBe(expected);
});
