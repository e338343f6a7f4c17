import { after, type Transcript } from '../../helpers/transcript.ts';

const HELLO =
  'CONNECT {"verbose":false,"pedantic":false,"name":"port-exporter","lang":"none","version":"0","protocol":0}\r\nPING\r\n';

/** As nats-server 2.9.10 said it. */
function info(more = ''): Buffer {
  const id = 'NA4VEZ7IQISIAWVTXLJWWPNZKR2HZR54UBXONEJ3BCC7TO2CMVTXKCMC';
  return Buffer.from(
    `INFO {"server_id":"${id}","server_name":"${id}","version":"2.9.10","proto":1,"go":"go1.19.8","host":"127.0.0.1",` +
      `"port":24777,"headers":true,${more}"max_payload":1048576,"client_id":4,"client_ip":"127.0.0.1"} \r\n`,
  );
}

export const transcripts: readonly Transcript[] = [
  {
    title: 'everybody may come in',
    service: 'nats',
    turns: [info(), after(HELLO, 'PONG\r\n')],
    facts: { version: '2.9.10' },
  },
  {
    title: 'nobody may without a password',
    service: 'nats',
    turns: [info('"auth_required":true,')],
    // Hung up right behind its last byte it would be down: it is given a moment to think better of it.
    enough: Number.POSITIVE_INFINITY,
    facts: { version: '2.9.10', state: 'auth_required' },
  },
];
