import { after, type Transcript } from '../../helpers/transcript.ts';

/** Recorded from ZooKeeper 3.8.0 of Debian 12. */
const STANDALONE = [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Debian's build left it so.
  'Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-12-29 17:54 UTC',
  'Latency min/avg/max: 0/0.0/0',
  'Received: 1',
  'Sent: 0',
  'Connections: 1',
  'Outstanding: 0',
  'Zxid: 0x0',
  'Mode: standalone\n',
].join('\n');

/** Follows what is proof enough. */
const REST = 'Node count: 5\n';

/** As the Administrator's Guide shows it. */
const LEADER = STANDALONE.replace('standalone', 'leader');

export const transcripts: readonly Transcript[] = [
  {
    title: 'a server on its own',
    service: 'zookeeper',
    turns: [after('srvr', STANDALONE + REST)],
    hangsUp: true,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Debian's build left it so.
    facts: { version: '3.8.0-${mvngit.commit.id}', state: 'standalone' },
    enough: STANDALONE.length,
  },
  {
    title: 'the leader of an ensemble',
    service: 'zookeeper',
    turns: [after('srvr', `${LEADER}${REST}Proposal sizes last/min/max: -1/-1/-1\n`)],
    hangsUp: true,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Debian's build left it so.
    facts: { version: '3.8.0-${mvngit.commit.id}', state: 'leader' },
    enough: LEADER.length,
  },
  {
    title: 'a server that does not list srvr',
    service: 'zookeeper',
    turns: [after('srvr', 'srvr is not executed because it is not in the whitelist.\n')],
    hangsUp: true,
    facts: {},
  },
];
