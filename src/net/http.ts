import type { Duplex, Readable } from 'node:stream';

/** One request. `target` is a path with its query, or a whole URL for a proxy. Names of headers as they are to be sent. */
export type HttpRequest = {
  readonly method: string;
  readonly target: string;
  /** Host and port, as in the Host header. */
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | undefined;
};

/** The answer to it, as far as it is there when its head is. */
export type HttpReply = {
  readonly status: number;
  /** As Go writes it: HTTP/1.0, HTTP/1.1 or HTTP/2.0. */
  readonly version: string;
  /** Every value of each header, by its name in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** What the body is said to have, bytes; -1 where that is not said. */
  readonly contentLength: number;
  readonly body: Readable;
};

/** A socket to speak over, and what TLS has agreed to speak there. */
export type HttpWire = { readonly socket: Duplex; readonly protocol: string | undefined };

export type HttpListener = {
  /** The first byte of the answer is here. */
  firstByte(): void;
};
