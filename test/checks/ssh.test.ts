import { expect, test } from 'vitest';
import type { ProbeResult } from '../../src/core/result.ts';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

const ID = 'SSH-2.0-Test_1.0\r\n';
const KEXINIT = packet(Buffer.concat([Buffer.of(20), Buffer.alloc(61)]));

/** One packet of SSH before any key exchange. */
function packet(payload: Buffer, padding = 4): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

function disconnect(code: number, text: string, length = text.length): Buffer {
  const payload = Buffer.alloc(9);
  payload[0] = 1;
  payload.writeUInt32BE(code, 1);
  payload.writeUInt32BE(length, 5);
  return packet(Buffer.concat([payload, Buffer.from(text)]));
}

/** What is made of a server that says `first`, and `then` once it has been told something. */
async function met(first: string, then: Buffer = KEXINIT, hangsUp = false): Promise<ProbeResult> {
  await using server = await peer((socket) => {
    socket.write(first);
    if (hangsUp) socket.end();
    socket.once('data', () => socket.write(then));
  });
  return await visit(server.address, { service: 'ssh' });
}

test('lines before the identification are no harm, nor are messages to be ignored before the offer', async () => {
  const ignored = [packet(Buffer.of(2, 0, 0, 0, 0)), packet(Buffer.of(4, 0, 0, 0, 0, 0, 0, 0, 0, 0))];
  const { failure, service } = await met(`Welcome\r\nAuthorised use only\n${ID}`, Buffer.concat([...ignored, KEXINIT]));
  expect({ failure, service }).toEqual({ service: { version: 'Test_1.0' } });
});

test.each([
  ['SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n', 'OpenSSH_9.2p1 Debian-2+deb12u10'],
  ['SSH-2.0-dropbear_2022.83\r\n', 'dropbear_2022.83'],
  ['SSH-1.99-Cisco-1.25\n', 'Cisco-1.25'],
])('the identification %j tells the version', async (id, version) => {
  expect((await met(id)).service).toEqual({ version });
});

test.each([
  ['Exceeded MaxStartups\r\n', 'the service says "Exceeded MaxStartups"'],
  [
    'Not allowed at this time\r\n',
    'the service says "Not allowed at this time": it penalises this address, see PerSourcePenaltyExemptList in sshd_config(5)',
  ],
])('a server that says %j is unavailable', async (words, detail) => {
  const { failure } = await met(words, KEXINIT, true);
  expect(failure).toEqual({ reason: 'service_unavailable', phase: 'handshake', detail });
});

test.each([
  ['SSH-1.5-old\r\n', KEXINIT, 'expected SSH-2.0-..., got "SSH-1.5-old"'],
  ['SSH-2.0-\r\n', KEXINIT, 'expected SSH-2.0-..., got "SSH-2.0-"'],
  [
    ID,
    Buffer.from('Invalid SSH identification string.\r\n'),
    'expected an SSH packet, got "Invalid SSH identification string."',
  ],
  [ID, packet(Buffer.of(20)), 'expected SSH_MSG_KEXINIT, got bytes 14'],
  [ID, packet(Buffer.of(50)), 'expected SSH_MSG_KEXINIT, got "2"'],
  [ID, Buffer.from('0000000309000000', 'hex'), 'expected an SSH packet, got bytes 0000000309000000'],
])('after %j something else than an offer is unexpected: %j', async (id, then, detail) => {
  const { failure } = await met(id, then);
  expect(failure).toEqual({ reason: 'unexpected_response', phase: 'handshake', detail });
});

test('a server that says why it disconnects is unavailable, however long it claims its words to be', async () => {
  for (const length of [20, 0xffffffff]) {
    const { failure, service } = await met(ID, disconnect(12, 'Too many connections', length));
    expect(failure).toMatchObject({
      reason: 'service_unavailable',
      detail: 'the service says "disconnect 12: Too many connections"',
    });
    expect(service).toEqual({ version: 'Test_1.0' });
  }
});

test('another service that waits for its client after a greeting is told by that', async () => {
  for (const hangsUp of [true, false]) {
    const { failure } = await met('220 mail.example.org ESMTP\r\n', Buffer.alloc(0), hangsUp);
    expect(failure).toEqual({
      reason: 'unexpected_response',
      phase: 'handshake',
      detail: 'expected SSH-2.0-..., got "220 mail.example.org ESMTP"',
    });
  }
});

test('it says its identification after the server’s, nothing else, and leaves with FIN', async () => {
  const heard: string[] = [];
  let order = '';
  await using server = await peer((socket) => {
    socket.on('data', (bytes) => heard.push(`${order}${bytes}`)).on('end', () => heard.push('FIN'));
    setImmediate(() => {
      order = 'after ours: ';
      socket.write(ID);
    });
    socket.once('data', () => socket.write(KEXINIT));
  });
  await visit(server.address, { service: 'ssh' });
  await expect.poll(() => heard).toEqual(['after ours: SSH-2.0-port_exporter\r\n', 'FIN']);
});
