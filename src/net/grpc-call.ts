import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import { ProbeFailure } from '../core/reason.ts';
import { type GrpcAnswer, type GrpcHead, isGrpc, MOST_BYTES, readAnswer, writeMessage } from './grpc-message.ts';

/** One of the two is called, once. */
export type GrpcListener = { answered(answer: GrpcAnswer): void; failed(error: Error): void };

/** One call: our message, then the headers, the message and the trailers of the answer. */
export class GrpcCall {
  readonly #stream: ClientHttp2Stream;
  readonly #listener: GrpcListener;
  #head: GrpcHead | undefined;
  #trailers: IncomingHttpHeaders | undefined;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #isOver = false;

  constructor(stream: ClientHttp2Stream, message: Uint8Array, listener: GrpcListener) {
    this.#stream = stream;
    this.#listener = listener;
    stream.on('response', this.#headed).on('data', this.#heard).on('trailers', this.#trailed);
    stream.on('error', this.#failed).on('close', this.#closed);
    stream.end(writeMessage(message));
  }

  readonly #headed = (head: GrpcHead): void => {
    this.#head = head;
    // The page of a web server: what it says does not matter.
    if (!isGrpc(head)) this.#cutOff();
  };

  readonly #heard = (chunk: Buffer): void => {
    if (this.#isOver) return;
    this.#size += chunk.length;
    this.#chunks.push(chunk);
    if (this.#size > MOST_BYTES) this.#cutOff();
  };

  readonly #trailed = (trailers: IncomingHttpHeaders): void => {
    this.#trailers = trailers;
  };

  readonly #closed = (): void => {
    // Node ends a stream whose connection is gone with CANCEL.
    if (this.#stream.rstCode === constants.NGHTTP2_NO_ERROR) this.#answer();
    else this.#failed(new ProbeFailure('closed_early', 'the peer hung up within its answer'));
  };

  readonly #failed = (error: Error): void => {
    if (!this.#isOver) this.#listener.failed(error);
    this.#isOver = true;
  };

  #cutOff(): void {
    this.#answer();
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #answer(): void {
    try {
      const answer = readAnswer(this.#head, this.#trailers, Buffer.concat(this.#chunks));
      if (!this.#isOver) this.#listener.answered(answer);
    } catch (error) {
      this.#failed(error as Error);
    }
    this.#isOver = true;
  }
}
