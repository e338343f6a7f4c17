import { after, type Transcript } from '../../helpers/transcript.ts';

/** ApiVersions version 0, correlation "pexp", client id "port-exporter". */
const REQUEST = Buffer.from(`0000001700120000${'70657870'}000d${Buffer.from('port-exporter').toString('hex')}`, 'hex');

/** Key, oldest and newest version of some APIs, as Kafka 3.9 lists them. */
const APIS = [
  [0, 0, 11],
  [1, 0, 17],
  [2, 0, 10],
  [3, 0, 12],
  [10, 0, 6],
  [17, 0, 1],
  [18, 0, 4],
  [36, 0, 2],
] as const;

/** After "A Guide To The Kafka Protocol": no broker was recorded. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'a broker',
    service: 'kafka',
    turns: [after(REQUEST, response(0, APIS))],
    facts: {},
  },
  {
    title: 'a broker that knows other versions of ApiVersions only',
    service: 'kafka',
    turns: [after(REQUEST, response(35, [[18, 1, 4]]))],
    facts: {},
  },
];

function response(error: number, apis: readonly (readonly [number, number, number])[]): Buffer {
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + apis.length * 6);
  head.write('pexp', 4);
  head.writeInt16BE(error, 8);
  head.writeInt32BE(apis.length, 10);
  const entries = apis.flat().map((value) => Buffer.from([value >> 8, value & 0xff]));
  return Buffer.concat([head, ...entries]);
}
