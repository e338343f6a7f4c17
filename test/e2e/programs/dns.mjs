// A DNS server on 127.0.0.1, port 53, that answers by the first label of the name: missing (NXDOMAIN), broken (SERVFAIL), silent (nothing);
// every other name is 127.0.0.1 for one second. Source: RFC 1035, 4.1.
import { createSocket } from 'node:dgram';

const TYPE_A = 1;
const RCODES = new Map([
  ['missing', 3],
  ['broken', 2],
]);
// A pointer to the name of the question, type A, class IN, one second, four bytes: 127.0.0.1.
const RECORD = Buffer.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1]);

const socket = createSocket('udp4');
socket.on('message', (query, from) => {
  const { firstLabel, type, end } = readQuestion(query);
  if (firstLabel === 'silent') return;
  const rcode = RCODES.get(firstLabel) ?? 0;
  const records = rcode === 0 && type === TYPE_A ? [RECORD] : [];
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(0x8180 | rcode, 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt16BE(0, 10);
  socket.send(Buffer.concat([head, ...records]), from.port, from.address);
});
socket.bind(53, '127.0.0.1', () => process.stdout.write('listening\n'));

function readQuestion(query) {
  const firstLabel = query.toString('latin1', 13, 13 + query[12]).toLowerCase();
  let at = 12;
  while (query[at] !== 0) at += 1 + query[at];
  return { firstLabel, type: query.readUInt16BE(at + 1), end: at + 5 };
}
