import { after, type Transcript } from '../../helpers/transcript.ts';

// Recorded from Debian's Postfix 3.7.11 (smtpd; postscreen, which keeps the second line back for its greet wait).
const GREETING = 'mail.example.org ESMTP Postfix (Debian/GNU)\r\n';

export const transcripts: readonly Transcript[] = [
  {
    title: 'Postfix',
    service: 'smtp',
    turns: [Buffer.from(`220 ${GREETING}`), after('QUIT\r\n', '221 2.0.0 Bye\r\n')],
    hangsUp: true,
    facts: { version: 'Postfix (Debian/GNU)' },
    enough: `220 ${GREETING}`.length,
  },
  {
    title: 'Postfix behind postscreen',
    service: 'smtp',
    turns: [Buffer.from(`220-${GREETING}`), Buffer.from(`220 ${GREETING}`), after('QUIT\r\n', '221 2.0.0 Bye\r\n')],
    hangsUp: true,
    facts: { version: 'Postfix (Debian/GNU)' },
    enough: `220-${GREETING}220 ${GREETING}`.length,
  },
  {
    title: 'Postfix in TLS',
    service: 'smtps',
    tls: { judge: 'nothing' },
    turns: [Buffer.from(`220 ${GREETING}`), after('QUIT\r\n', '221 2.0.0 Bye\r\n')],
    hangsUp: true,
    facts: { version: 'Postfix (Debian/GNU)' },
    enough: `220 ${GREETING}`.length,
  },
  {
    title: 'Postfix with STARTTLS',
    service: 'smtp',
    tls: { how: 'starttls', judge: 'nothing' },
    turns: [
      Buffer.from(`220 ${GREETING}`),
      after(
        'EHLO port-exporter.invalid\r\n',
        '250-mail.example.org\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-VRFY\r\n250-ETRN\r\n250-STARTTLS\r\n' +
          '250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n',
      ),
      after('STARTTLS\r\n', '220 2.0.0 Ready to start TLS\r\n'),
      after('QUIT\r\n', '221 2.0.0 Bye\r\n'),
    ],
    hangsUp: true,
    facts: { version: 'Postfix (Debian/GNU)' },
  },
  // Not recorded: Exim's greeting with a banner of three lines, as hosting companies configure it. RFC 5321, section 4.2.
  {
    title: 'Exim with a long greeting',
    service: 'smtp',
    turns: [
      Buffer.from(
        '220-mx.example.org ESMTP Exim 4.96 #2 Sun, 22 Nov 2026 12:00:00 +0000 \r\n' +
          '220-We do not authorize the use of this system to transport unsolicited, \r\n' +
          '220 and/or bulk e-mail.\r\n',
      ),
    ],
    facts: { version: 'Exim 4.96' },
  },
];
