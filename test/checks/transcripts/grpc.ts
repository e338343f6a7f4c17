import { data, END_STREAM, headers, SETTINGS } from '../../helpers/http2-frames.ts';
import type { Transcript, Turn } from '../../helpers/transcript.ts';

const SERVING = Buffer.from('00000000020801', 'hex');
const ANSWER = Buffer.concat([
  headers({ ':status': '200', 'content-type': 'application/grpc' }),
  data(SERVING),
  headers({ 'grpc-status': '0' }, END_STREAM),
]);

/** Answers a call whose message is there: the length of an empty one, and the end of the stream. */
const onCall: Turn = (said) => (said.includes(Buffer.from('0000050001000000010000000000', 'hex')) ? ANSWER : undefined);

export const transcripts: readonly Transcript[] = [
  // As RFC 9113 and the documentation of gRPC's health check have it.
  { title: 'a server that serves', service: 'grpc', turns: [SETTINGS, onCall], facts: {} },
];
