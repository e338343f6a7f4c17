import { after, type Transcript } from '../../helpers/transcript.ts';

const OPTIONS = Buffer.from('040000000500000000', 'hex');

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length >> 8, value.length & 0xff]), Buffer.from(value)]);
}

function list(values: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([0, values.length]), ...values.map(text)]);
}

function frame(head: string, body: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length);
  return Buffer.concat([Buffer.from(head, 'hex'), size, body]);
}

const SUPPORTED = Buffer.concat([
  Buffer.from([0, 3]),
  text('PROTOCOL_VERSIONS'),
  list(['3/v3', '4/v4', '5/v5', '6/v6-beta']),
  text('COMPRESSION'),
  list(['snappy', 'lz4']),
  text('CQL_VERSION'),
  list(['3.4.7']),
]);

const NO_VERSION_4 = Buffer.concat([Buffer.from([0, 0, 0, 0x0a]), text('Invalid or unsupported protocol version: 4')]);

/** After native_protocol_v4.spec, native_protocol_v2.spec: no server was recorded. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'a node',
    service: 'cassandra',
    turns: [after(OPTIONS, frame('8400000006', SUPPORTED))],
    facts: { version: '3.4.7' },
  },
  {
    title: 'a node that speaks a newer protocol only',
    service: 'cassandra',
    turns: [after(OPTIONS, frame('8500000000', NO_VERSION_4))],
    facts: {},
  },
  {
    title: 'a node that speaks an older protocol only, with its shorter head',
    service: 'cassandra',
    turns: [after(OPTIONS, frame('82000000', NO_VERSION_4))],
    facts: {},
  },
];
