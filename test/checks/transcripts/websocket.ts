import { createHash } from 'node:crypto';
import type { Transcript, Turn } from '../../helpers/transcript.ts';

/** RFC 6455, section 1.3. */
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const onUpgrade: Turn = (said) => {
  const request = said.toString('latin1');
  const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1];
  if (key === undefined || !request.includes('\r\n\r\n')) return undefined;
  const accept = createHash('sha1')
    .update(key + MAGIC)
    .digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  return Buffer.from([...lines, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
};

// As RFC 6455 has it.
export const transcripts: readonly Transcript[] = [
  { title: 'a server that upgrades', service: 'ws', turns: [onUpgrade], facts: {} },
  { title: 'a server that upgrades in TLS', service: 'wss', tls: { judge: 'nothing' }, turns: [onUpgrade], facts: {} },
];
