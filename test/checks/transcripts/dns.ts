import type { Transcript, Turn } from '../../helpers/transcript.ts';

const ASK_VERSION = '000000010000000000000776657273696f6e0462696e640000100003';
const ASK_ZONE = '00000001000000000000076578616d706c65036f72670000060001';
const ASK_COOKIE = '0000000000000000000100002904d000000000000c000a0008';
const COOKIE_BYTES = 8;

/** Answers the query that ends with those bytes, under its id. */
function answering(asked: string, reply: string): (said: Buffer) => Buffer | undefined {
  return (said) => {
    const at = said.length - asked.length / 2 - 2;
    return at >= 2 && said.toString('hex', at + 2) === asked ? framed(said.subarray(at, at + 2), reply) : undefined;
  };
}

/** Answers a query without a question, with a cookie of that server. */
function answeringCookie(reply: string): Turn {
  return (said) => answering(ASK_COOKIE, reply)(said.subarray(0, -COOKIE_BYTES));
}

function framed(id: Buffer, reply: string): Buffer {
  const bytes = Buffer.concat([id, Buffer.from(reply, 'hex')]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** As BIND 9.18.49, Unbound 1.17.1 and dnsmasq 2.90 said it. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'the version of BIND',
    service: 'dns',
    turns: [
      answering(
        ASK_VERSION,
        [
          '840000010001000100000776657273696f6e0462696e640000100003c00c0010000300000000001918',
          '392e31382e34392d317e646562313275332d44656269616ec00c00020003000000000002c00c',
        ].join(''),
      ),
    ],
    facts: { version: '9.18.49-1~deb12u3-Debian' },
  },
  {
    title: 'the version of Unbound',
    service: 'dns',
    turns: [
      answering(
        ASK_VERSION,
        '808000010001000000000776657273696f6e0462696e640000100003c00c0010000300000000000f0e756e626f756e6420312e31372e31',
      ),
    ],
    facts: { version: 'unbound 1.17.1' },
  },
  {
    title: 'the version of dnsmasq',
    service: 'dns',
    turns: [
      answering(
        ASK_VERSION,
        '848000010001000000000776657273696f6e0462696e640000100003c00c0010000300000000000d0c646e736d6173712d322e3930',
      ),
    ],
    facts: { version: 'dnsmasq-2.90' },
  },
  {
    title: 'a BIND that refuses everybody',
    service: 'dns',
    turns: [
      answering(ASK_VERSION, '800500010000000000000776657273696f6e0462696e640000100003'),
      answeringCookie(
        '8000000000000000000100002904d000000000001c000a0018b2fed11dcc44e364010000006b02e5286ca15572b7bddf54',
      ),
    ],
    facts: {},
    enough: 2 + 30,
  },
  {
    title: 'the zone of a BIND',
    service: 'dns',
    options: { zone: 'example.org' },
    turns: [
      answering(
        ASK_ZONE,
        [
          '84000001000100010001076578616d706c65036f72670000060001c00c000600010000003c0026026e73c00c',
          '0a686f73746d6173746572c00c000000010000003c0000003c0000003c0000003cc00c000200010000003c0002c029',
          'c029000100010000003c00047f000001',
        ].join(''),
      ),
    ],
    facts: {},
  },
];
