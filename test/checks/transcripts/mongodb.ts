import { type BsonValue, bson, opMsg } from '../../helpers/bson-document.ts';
import { after, type Transcript } from '../../helpers/transcript.ts';

/** Byte for byte what the MongoDB manual's "Wire Protocol" makes of `{hello: 1, $db: "admin"}` in OP_MSG. */
const HELLO = Buffer.from(
  `340000000100000000000000dd0700000000000000${'1f0000001068656c6c6f000100000002246462000600000061646d696e0000'}`,
  'hex',
);
const IS_MASTER = Buffer.from(
  `370000000200000000000000dd0700000000000000${'220000001069734d61737465720001000000022464620006000000'}${'61646d696e0000'}`,
  'hex',
);

const LIMITS = {
  topologyVersion: { document: { processId: { id: '65a1b2c3d4e5f60718293a4b' }, counter: { long: 6 } } },
  maxBsonObjectSize: { int: 16_777_216 },
  maxMessageSizeBytes: { int: 48_000_000 },
  maxWriteBatchSize: { int: 100_000 },
  localTime: { date: 1_764_000_000_000 },
  logicalSessionTimeoutMinutes: { int: 30 },
  connectionId: { int: 42 },
  minWireVersion: { int: 0 },
  maxWireVersion: { int: 21 },
  readOnly: false,
  ok: { double: 1 },
} satisfies Record<string, BsonValue>;

const MEMBER = {
  setName: 'rs0',
  setVersion: { int: 1 },
  hosts: { list: ['db1:27017', 'db2:27017', 'db3:27017'] },
  me: 'db1:27017',
} satisfies Record<string, BsonValue>;

/** After the manual's description of hello: no server was recorded. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'mongod on its own',
    service: 'mongodb',
    turns: [after(HELLO, opMsg(bson({ isWritablePrimary: true, ...LIMITS })))],
    facts: { state: 'standalone' },
  },
  {
    title: 'the primary of a replica set',
    service: 'mongodb',
    turns: [after(HELLO, opMsg(bson({ ...MEMBER, isWritablePrimary: true, secondary: false, ...LIMITS })))],
    facts: { state: 'primary' },
  },
  {
    title: 'a server that knows hello by its old name only',
    service: 'mongodb',
    turns: [
      after(
        HELLO,
        opMsg(
          bson({
            ok: { double: 0 },
            errmsg: "no such command: 'hello'",
            code: { int: 59 },
            codeName: 'CommandNotFound',
          }),
        ),
      ),
      after(IS_MASTER, opMsg(bson({ ...MEMBER, ismaster: false, secondary: true, ...LIMITS }), 2)),
    ],
    facts: { state: 'secondary' },
  },
];
