import { after, type Transcript } from '../../helpers/transcript.ts';

// Recorded from Debian's Dovecot 2.3.19.1.
const GREETING =
  '* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ AUTH=PLAIN] Dovecot (Debian) ready.\r\n';

export const transcripts: readonly Transcript[] = [
  {
    title: 'Dovecot over IMAP',
    service: 'imap',
    turns: [Buffer.from(GREETING), after('p1 LOGOUT\r\n', '* BYE Logging out\r\np1 OK Logout completed.\r\n')],
    hangsUp: true,
    facts: { version: 'Dovecot (Debian)' },
    enough: GREETING.length,
  },
  {
    title: 'Dovecot over IMAP in TLS',
    service: 'imaps',
    tls: { judge: 'nothing' },
    turns: [Buffer.from(GREETING), after('p1 LOGOUT\r\n', '* BYE Logging out\r\np1 OK Logout completed.\r\n')],
    hangsUp: true,
    facts: { version: 'Dovecot (Debian)' },
    enough: GREETING.length,
  },
  {
    title: 'Dovecot over IMAP with STARTTLS',
    service: 'imap',
    tls: { how: 'starttls', judge: 'nothing' },
    turns: [
      Buffer.from(GREETING.replace('AUTH', 'STARTTLS AUTH')),
      after('p2 STARTTLS\r\n', 'p2 OK Begin TLS negotiation now.\r\n'),
      after('p3 LOGOUT\r\n', '* BYE Logging out\r\np3 OK Logout completed.\r\n'),
    ],
    hangsUp: true,
    facts: { version: 'Dovecot (Debian)' },
  },
  // Not recorded: RFC 9051, section 7.1.4.
  {
    title: 'IMAP that knows the client already',
    service: 'imap',
    turns: [Buffer.from('* PREAUTH IMAP4rev2 server logged in as Smith\r\n')],
    facts: { state: 'preauthenticated' },
  },
];
