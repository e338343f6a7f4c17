import type { Transcript } from '../../helpers/transcript.ts';

/** Recorded from rsync 3.5.0. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'rsync 3.5',
    service: 'rsync',
    turns: [Buffer.from('@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n')],
    facts: { version: 'protocol 32.0' },
  },
];
