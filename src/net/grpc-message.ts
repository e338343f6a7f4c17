import type { IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { ProbeFailure } from '../core/reason.ts';

/** What a server answered to one call. Without a message where it sent none. */
export type GrpcAnswer = {
  readonly httpStatus: number;
  readonly contentType: string;
  /** A code such as 0 (OK) or 12 (UNIMPLEMENTED); absent where the server does not speak gRPC. */
  readonly status?: number;
  /** The server's own words for the status. */
  readonly statusMessage: string;
  readonly message?: Buffer;
};

/** Before each message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;
/** The most that is kept of an answer, bytes: that to a health check has a few. */
export const MOST_BYTES = 64 * 1024;
const COMPRESSED = 1;

/** What comes before the message of an answer. */
export type GrpcHead = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** A message as it goes out, uncompressed. Source: gRPC over HTTP2, Length-Prefixed-Message. */
export function writeMessage(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** Whether an answer begins as one of gRPC does: servers and proxies that speak something else answer with pages of their own. */
export function isGrpc(head: GrpcHead): boolean {
  return /^application\/grpc(?:[+;]|$)/i.test(head['content-type'] ?? '') || head['grpc-status'] !== undefined;
}

/** An answer of headers, bytes and trailers; a status without a message may come in the headers alone. Throws ProbeFailure. */
export function readAnswer(
  head: GrpcHead | undefined,
  trailers: IncomingHttpHeaders | undefined,
  bytes: Buffer,
): GrpcAnswer {
  if (head === undefined) throw new ProbeFailure('unexpected_response', 'the server ended the call without an answer');
  const about = { httpStatus: head[':status'] ?? 0, contentType: head['content-type'] ?? '' };
  if (!isGrpc(head)) return { ...about, statusMessage: '' };
  const message = readMessage(bytes);
  const end = trailers?.['grpc-status'] === undefined ? head : trailers;
  return {
    ...about,
    status: readStatus(end['grpc-status']),
    statusMessage: decoded(String(end['grpc-message'] ?? '')),
    ...(message && { message }),
  };
}

function readStatus(text: string | readonly string[] | undefined): number {
  if (typeof text === 'string' && /^\d{1,3}$/.test(text)) return Number(text);
  throw new ProbeFailure('unexpected_response', 'the answer has no grpc-status, or one that is no number');
}

/** None, or exactly one. */
function readMessage(bytes: Buffer): Buffer | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes.length > MOST_BYTES)
    throw new ProbeFailure('unexpected_response', `the answer is longer than ${MOST_BYTES} bytes`);
  const length = bytes.length < PREFIX_BYTES ? undefined : bytes.readUInt32BE(1);
  if (bytes[0] === COMPRESSED)
    throw new ProbeFailure('unexpected_response', 'the answer is compressed, which was not asked for');
  if (bytes[0] !== 0 || length !== bytes.length - PREFIX_BYTES)
    throw new ProbeFailure('unexpected_response', `${bytes.length} bytes of an answer are not one message of gRPC`);
  return bytes.subarray(PREFIX_BYTES);
}

/** Percent-encoded UTF-8; what is not is left as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
