import { after, type Transcript } from '../../helpers/transcript.ts';

// Recorded from Debian's Dovecot 2.3.19.1.
const GREETING = '+OK Dovecot (Debian) ready.\r\n';

export const transcripts: readonly Transcript[] = [
  {
    title: 'Dovecot over POP3',
    service: 'pop3',
    turns: [Buffer.from(GREETING), after('QUIT\r\n', '+OK Logging out\r\n')],
    hangsUp: true,
    facts: { version: 'Dovecot (Debian)' },
    enough: GREETING.length,
  },
  {
    title: 'Dovecot over POP3 in TLS',
    service: 'pop3s',
    tls: { judge: 'nothing' },
    turns: [Buffer.from(GREETING), after('QUIT\r\n', '+OK Logging out\r\n')],
    hangsUp: true,
    facts: { version: 'Dovecot (Debian)' },
    enough: GREETING.length,
  },
  {
    title: 'Dovecot over POP3 with STLS',
    service: 'pop3',
    tls: { how: 'starttls', judge: 'nothing' },
    turns: [
      Buffer.from(GREETING),
      after('STLS\r\n', '+OK Begin TLS negotiation now.\r\n'),
      after('QUIT\r\n', '+OK Logging out\r\n'),
    ],
    hangsUp: true,
    facts: { version: 'Dovecot (Debian)' },
  },
];
