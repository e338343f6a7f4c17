import { join } from 'node:path';
import { freePort } from '../e2e-ports.ts';
import type { Program } from '../e2e-program.ts';
import type { Stage } from '../e2e-stage.ts';

const JARS = '/usr/share/java';
const CLASSES = ['zookeeper.jar', 'slf4j-log4j12.jar', 'log4j-1.2.jar'].map((jar) => join(JARS, jar));
const SMALL = ['-Xmx128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** As Debian's package logs, to stdout. */
const LOGGING = `
log4j.rootLogger=INFO, CONSOLE
log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender
log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout
log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} - %-5p [%t:%C{1}@%L] - %m%n
`;

/** What it logs last when it serves, and when it waits for the others of its ensemble. */
const SERVES = /ZooKeeper audit is/;
const ALONE = /binding to port/;

/** Starts a ZooKeeper with these lines of configuration on a free port of 127.0.0.1. */
export async function startZooKeeper(
  stage: Stage,
  lines: readonly string[] = [],
): Promise<{ readonly address: string; readonly program: Program }> {
  const port = await freePort();
  const ready = lines.some((line) => line.startsWith('server.')) ? ALONE : SERVES;
  stage.write('log4j.properties', LOGGING);
  stage.write('data/myid', '1\n');
  const own = ['tickTime=2000', 'initLimit=5', 'syncLimit=2', 'admin.enableServer=false', `clientPort=${port}`];
  const place = ['clientPortAddress=127.0.0.1', `dataDir=${join(stage.directory, 'data')}`];
  const config = stage.write('zoo.cfg', `${[...own, ...place, ...lines].join('\n')}\n`);
  const classes = [stage.directory, ...CLASSES].join(':');
  const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
  const program = stage.start(['java', ...SMALL, '-cp', classes, main, config]);
  await program.said(ready, 60_000);
  return { address: `127.0.0.1:${port}`, program };
}
