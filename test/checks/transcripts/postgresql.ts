import { startupMessage, TERMINATE } from '../../../src/checks/postgresql-messages.ts';
import { after, type Transcript } from '../../helpers/transcript.ts';

/** What an open session begins with, one message a line. Recorded from PostgreSQL 15.18. */
const SESSION = Buffer.from(
  [
    '520000000800000000',
    '53000000236170706c69636174696f6e5f6e616d6500706f72745f6578706f7274657200',
    '5300000019636c69656e745f656e636f64696e67005554463800',
    '5300000017446174655374796c650049534f2c204d445900',
    '530000002664656661756c745f7472616e73616374696f6e5f726561645f6f6e6c79006f666600',
    '5300000017696e5f686f745f7374616e646279006f666600',
    '5300000019696e74656765725f6461746574696d6573006f6e00',
    '530000001b496e74657276616c5374796c6500706f73746772657300',
    '530000001569735f737570657275736572006f666600',
    '53000000197365727665725f656e636f64696e67005554463800',
    '53000000327365727665725f76657273696f6e0031352e3138202844656269616e2031352e31382d302b646562313275312900',
    '530000002173657373696f6e5f617574686f72697a6174696f6e0074727573747900',
    '53000000237374616e646172645f636f6e666f726d696e675f737472696e6773006f6e00',
    '530000001554696d655a6f6e65004574632f55544300',
    '4b0000000c00001b5805cf5ca9',
    '5a0000000549',
  ].join(''),
  'hex',
);
const SCRAM = Buffer.from('52000000170000000a534352414d2d5348412d3235360000', 'hex');
const REJECTED = Buffer.from(
  '450000009f53464154414c0056464154414c00433238303030004d70675f6862612e636f6e662072656a6563747320636f6e6e656374696f6e20666f7220686f737420223132372e302e302e31222c207573657220226e6f7065222c20646174616261736520226e6f7065222c206e6f20656e6372797074696f6e0046617574682e63004c3437360052436c69656e7441757468656e7469636174696f6e0000',
  'hex',
);

function startup(user: string, database = user): Buffer {
  return startupMessage({ user, database, application_name: 'port_exporter', statement_timeout: '10000' });
}

/** Recorded from PostgreSQL 15.18 of Debian 12. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'PostgreSQL that wants a password',
    service: 'postgresql',
    turns: [after(startup('port_exporter'), SCRAM)],
    facts: { state: 'auth_required' },
  },
  {
    title: 'PostgreSQL that trusts us',
    service: 'postgresql',
    options: { user: 'trusty', database: 'postgres' },
    turns: [after(startup('trusty', 'postgres'), SESSION), after(TERMINATE, '')],
    hangsUp: true,
    facts: { version: '15.18 (Debian 15.18-0+deb12u1)', state: 'primary' },
  },
  {
    title: 'PostgreSQL that rejects this client',
    service: 'postgresql',
    options: { user: 'nope' },
    turns: [after(startup('nope'), REJECTED)],
    hangsUp: true,
    facts: { state: 'host_not_allowed' },
  },
  {
    title: 'PostgreSQL that is asked for encryption only',
    service: 'postgresql',
    options: { depth: 'encryption' },
    turns: [after(Buffer.from('0000000804d21630', 'hex'), 'G')],
    facts: {},
  },
  {
    title: 'PostgreSQL without TLS, where that is used if offered',
    service: 'postgresql',
    tls: { how: 'offered' },
    turns: [after(Buffer.from('0000000804d2162f', 'hex'), 'N'), after(startup('port_exporter'), SCRAM)],
    facts: { state: 'auth_required' },
  },
];
