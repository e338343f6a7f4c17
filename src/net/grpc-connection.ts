import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ProbeFailure } from '../core/reason.ts';
import { classify, describe } from './classify.ts';
import { GrpcCall } from './grpc-call.ts';
import type { GrpcAnswer } from './grpc-message.ts';
import { codeName } from './http2-codes.ts';
import { limitReceived } from './received.ts';

/** A call with one message each way. */
export type GrpcRequest = {
  /** Host and port as the server knows itself. */
  readonly authority: string;
  /** Such as /grpc.health.v1.Health/Check. */
  readonly path: string;
  readonly message: Uint8Array;
  readonly metadata?: readonly (readonly [name: string, value: string])[];
};

/** How long the peer may take to hang up after GOAWAY and our FIN, ms. */
const DRAIN_MS = 1000;
/** Names and values of an answer's headers together, bytes. */
const MOST_HEADERS = 16 * 1024;
const MOST_HEADER_LINES = 100;
/** The most that a server may say in all, bytes. */
const MOST_RECEIVED = 1024 * 1024;

/**
 * gRPC over a connection that is open and, where wanted, in TLS already; for one call. Source: gRPC over HTTP2 (PROTOCOL-HTTP2.md);
 * RFC 9113, section 3.3 (prior knowledge).
 */
export class GrpcConnection {
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  #stream: ClientHttp2Stream | undefined;
  #failure: ProbeFailure | undefined;
  #fail: (error: ProbeFailure) => void = () => {};

  constructor(socket: Socket) {
    this.#socket = socket;
    limitReceived(socket, MOST_RECEIVED, this.#chatters);
    socket.on('error', this.#ended).on('close', this.#closed);
    this.#session = connect('http://localhost', {
      createConnection: () => socket,
      maxHeaderListPairs: MOST_HEADER_LINES,
      settings: { enablePush: false, maxHeaderListSize: MOST_HEADERS },
    });
    this.#session.on('error', this.#ended).on('close', this.#closed).on('goaway', this.#goneAway);
    // It may have hung up before HTTP/2 began to listen.
    if (socket.destroyed || !socket.readable) this.#closed();
    if (socket instanceof TLSSocket && socket.alpnProtocol !== 'h2')
      this.#ended(new ProbeFailure('unexpected_response', 'the server does not agree to HTTP/2 (h2 in ALPN)'));
  }

  /** Calls. Rejects with ProbeFailure when no proper answer comes; whatever closes the connection ends the wait. */
  call(request: GrpcRequest): Promise<GrpcAnswer> {
    return new Promise((resolve, reject) => {
      this.#fail = reject;
      if (this.#failure !== undefined) throw this.#failure;
      this.#stream = this.#open(request);
      new GrpcCall(this.#stream, request.message, { answered: resolve, failed: this.#ended });
    });
  }

  /** Leaves in order: GOAWAY, FIN, and whatever the peer still says is read until it hangs up, or `drainMs` are over. */
  async leave(drainMs = DRAIN_MS): Promise<void> {
    this.#ended(LEFT);
    if (!this.#socket.destroyed) {
      const closed = new Promise((resolve) => this.#socket.once('close', resolve));
      const timer = setTimeout(() => this.close(), drainMs);
      if (this.#stream?.closed === false) this.#stream.close(constants.NGHTTP2_CANCEL);
      this.#session.close();
      await closed;
      clearTimeout(timer);
    }
    this.close();
  }

  /** Closes at once, whatever is under way. */
  close(): void {
    this.#ended(LEFT);
    this.#session.destroy();
    this.#socket.destroy();
  }

  #open({ authority, path, metadata = [] }: GrpcRequest): ClientHttp2Stream {
    return this.#session.request({
      ...Object.fromEntries(metadata),
      ':method': 'POST',
      ':scheme': this.#socket instanceof TLSSocket ? 'https' : 'http',
      ':authority': authority,
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': 'port-exporter',
    });
  }

  /** Without an error it goes on with what it has begun. */
  readonly #goneAway = (code: number): void => {
    if (code !== constants.NGHTTP2_NO_ERROR) this.#ended(refusal('goaway', code));
  };

  readonly #closed = (): void => this.#ended(HUNG_UP);

  readonly #chatters = (): void => {
    this.#ended(new ProbeFailure('unexpected_response', 'the server says far more than it was asked for'));
    this.close();
  };

  /** The first cause counts. */
  readonly #ended = (error: Error): void => {
    this.#failure ??= explained(error, this.#stream?.rstCode ?? 0);
    this.#fail(this.#failure);
  };
}

const HUNG_UP = new ProbeFailure('closed_early', 'the peer hung up before it had answered');
const LEFT = new ProbeFailure('closed_early', 'the talk is over');

/** How a server says that it will not serve now. A stream ends by ENHANCE_YOUR_CALM also when its headers were too many for us. */
const NOT_NOW = { goaway: ['REFUSED_STREAM', 'ENHANCE_YOUR_CALM'], stream: ['REFUSED_STREAM'] } as const;

function refusal(how: keyof typeof NOT_NOW, code: number): ProbeFailure {
  const name = codeName(code);
  const isBusy = NOT_NOW[how].some((busy) => busy === name);
  return new ProbeFailure(
    isBusy ? 'service_unavailable' : 'unexpected_response',
    `the call is refused: HTTP/2 ${name}`,
  );
}

/** `rstCode`: what the stream was ended with. */
function explained(error: Error, rstCode: number): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'ERR_HTTP2_STREAM_ERROR') return refusal('stream', rstCode);
  const isHttp2 = code.startsWith('ERR_HTTP2_');
  return new ProbeFailure(
    isHttp2 ? 'unexpected_response' : classify(error, 'handshake'),
    isHttp2 ? `the server does not speak HTTP/2: ${describe(error)}` : describe(error),
    { cause: error },
  );
}
