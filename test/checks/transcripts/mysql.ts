import { after, type Transcript } from '../../helpers/transcript.ts';

/** Recorded from MariaDB 10.11.19 of Debian 12. */
const GREETING = Buffer.from(
  '640000000a352e352e352d31302e31312e31392d4d6172696144422d302b646562313275310004000000263d43754846654a00fef7080200ff81150000000000001d000000246f28732f303f2f6c554537006d7973716c5f6e61746976655f70617373776f726400',
  'hex',
);
const LOGIN_OF_NOBODY = Buffer.from(
  '3e00000101a20800000000012d00000000000000000000000000000000000000000000006e6f626f647900006d7973716c5f6e61746976655f70617373776f726400',
  'hex',
);
const DENIED = Buffer.from(
  '49000002ff15042332383030304163636573732064656e69656420666f72207573657220276e6f626f64792740276c6f63616c686f73742720287573696e672070617373776f72643a204e4f29',
  'hex',
);
const LOGIN = Buffer.from(
  '4500000101a20800000000012d0000000000000000000000000000000000000000000000706f72745f6578706f7274657200006d7973716c5f6e61746976655f70617373776f726400',
  'hex',
);
const ALLOWED = Buffer.from('0700000200000002000000', 'hex');
const QUIT = Buffer.from('0100000001', 'hex');
/** Follows MySQL Internals, "Protocol::AuthSwitchRequest": MySQL 8 does so for an account of another plugin than its greeting's. */
const SWITCH = Buffer.from(
  '2c000002fe63616368696e675f736861325f70617373776f726400303132333435363738393a3b3c3d3e3f4041424300',
  'hex',
);

export const transcripts: readonly Transcript[] = [
  {
    title: 'MariaDB to whom we are nobody',
    service: 'mysql',
    options: { user: 'nobody' },
    turns: [GREETING, after(LOGIN_OF_NOBODY, DENIED)],
    hangsUp: true,
    facts: { version: '10.11.19-MariaDB-0+deb12u1', state: 'auth_required' },
  },
  {
    title: 'MariaDB with an account for us',
    service: 'mysql',
    options: { user: 'port_exporter' },
    turns: [GREETING, after(LOGIN, ALLOWED), after(QUIT, '')],
    hangsUp: true,
    facts: { version: '10.11.19-MariaDB-0+deb12u1' },
  },
  {
    title: 'a server that asks for another way to log in',
    service: 'mysql',
    options: { user: 'port_exporter' },
    turns: [
      GREETING,
      after(LOGIN, SWITCH),
      after(Buffer.from('00000003', 'hex'), Buffer.from('0700000400000002000000', 'hex')),
      after(QUIT, ''),
    ],
    hangsUp: true,
    facts: { version: '10.11.19-MariaDB-0+deb12u1' },
  },
];
