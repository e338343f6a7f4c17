import type { IpAddress } from '../core/ip.ts';

/** Where to connect to, and from which local address where that matters. */
export type Destination = {
  readonly address: IpAddress;
  readonly port: number;
  readonly sourceIp?: string | undefined;
};

/** A Unix socket of this machine, by its path. */
export type SocketPath = { readonly path: string };

/**
 * Tries to make something of the bytes that have arrived and were not used yet: what it made and how many bytes that took, or undefined
 * when it needs more. Throws ProbeFailure when they cannot be right.
 */
export type Reader<Value> = (unread: Buffer) => { readonly used: number; readonly value: Value } | undefined;

/** A way to talk to a peer: a connection, or datagrams. Whatever ends it makes every `take` reject, now and later. */
export type Channel = {
  /** Never throws, never waits: an error shows in the next `take`. */
  send(bytes: Uint8Array): void;
  /** What `reader` makes of the peer's bytes, once it can. One at a time. */
  take<Value>(reader: Reader<Value>): Promise<Value>;
  /** The same, or undefined when it cannot within `ms`. */
  takeWithin<Value>(ms: number, reader: Reader<Value>): Promise<Value | undefined>;
};
