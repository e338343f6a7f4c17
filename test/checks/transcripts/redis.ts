import { after, type Transcript } from '../../helpers/transcript.ts';

export const transcripts: readonly Transcript[] = [
  {
    title: 'redis without a password',
    service: 'redis',
    turns: [after('PING\r\n', '+PONG\r\n')],
    facts: {},
  },
  {
    title: 'redis with a password',
    service: 'redis',
    turns: [after('PING\r\n', '-NOAUTH Authentication required.\r\n')],
    facts: { state: 'auth_required' },
  },
];
