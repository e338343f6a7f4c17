import { after, type Transcript } from '../../helpers/transcript.ts';

const ASK_IN_BINARY = Buffer.from(`800b${'00'.repeat(22)}`, 'hex');

/** As memcached 1.6.18 said it, the last one with -S. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'open to everybody',
    service: 'memcached',
    turns: [after('version\r\n', 'VERSION 1.6.18\r\n')],
    facts: { version: '1.6.18' },
  },
  {
    title: 'with a file of passwords',
    service: 'memcached',
    turns: [after('version\r\n', 'CLIENT_ERROR unauthenticated\r\n')],
    facts: { state: 'auth_required' },
  },
  {
    title: 'with SASL',
    service: 'memcached',
    options: { protocol: 'binary' },
    turns: [after(ASK_IN_BINARY, Buffer.from(`810b${'00'.repeat(9)}06${'00'.repeat(12)}312e362e3138`, 'hex'))],
    facts: { version: '1.6.18' },
  },
];
