import { after, type Transcript } from '../../helpers/transcript.ts';

// Recorded from Debian's vsftpd 3.0.3, without and with a banner file.
const GREETING = '220 (vsFTPd 3.0.3)\r\n';
const BANNER = '220-Welcome.\r\n220-Uploads go to incoming/\r\n220 \r\n';

export const transcripts: readonly Transcript[] = [
  {
    title: 'vsftpd',
    service: 'ftp',
    turns: [Buffer.from(GREETING), after('QUIT\r\n', '221 Goodbye.\r\n')],
    hangsUp: true,
    facts: { version: 'vsFTPd 3.0.3' },
    enough: GREETING.length,
  },
  {
    title: 'vsftpd with a banner of its administrator',
    service: 'ftp',
    turns: [Buffer.from(BANNER), after('QUIT\r\n', '221 Goodbye.\r\n')],
    hangsUp: true,
    facts: {},
    enough: BANNER.length,
  },
  {
    title: 'vsftpd with AUTH TLS',
    service: 'ftp',
    tls: { how: 'starttls', judge: 'nothing' },
    turns: [
      Buffer.from(GREETING),
      after('AUTH TLS\r\n', '234 Proceed with negotiation.\r\n'),
      after('QUIT\r\n', '221 Goodbye.\r\n'),
    ],
    hangsUp: true,
    facts: { version: 'vsFTPd 3.0.3' },
  },
  // Not recorded: the example of RFC 959, section 4.2, as a greeting.
  {
    title: 'FTP with free text in its greeting',
    service: 'ftp',
    turns: [
      Buffer.from('220-First line\r\nSecond line\r\n  234 A line beginning with numbers\r\n220 The last line\r\n'),
    ],
    facts: {},
  },
];
