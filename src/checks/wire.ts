import type { Endpoint } from '../core/endpoint.ts';
import type { IpAddress } from '../core/ip.ts';
import type { Connection } from '../net/dialer.ts';
import type { EchoReply } from '../net/ping.ts';
import type { EchoRequest } from '../net/ping-program.ts';

/** A connection that a check speaks over itself. Its socket is closed by the frame when the probe is over. */
export type Wire = {
  readonly socket: Connection;
  /** What TLS has agreed to speak within it, such as h2; undefined without TLS, or without an agreement. */
  readonly protocol: string | undefined;
  /** It is in TLS. */
  readonly isSecure: boolean;
  /** What it took to come about, ms; 0 for what is a phase of the probe itself. */
  readonly tookMs: { readonly resolve: number; readonly connect: number; readonly tls: number };
  /** What of the time until it was there was the exporter's own, ms: waiting for its turn, and at the most so much of what it took. */
  readonly ownMs: { readonly queued: number; readonly error: number };
};

/** A further connection of a probe. */
export type WireRequest = {
  readonly endpoint: Endpoint;
  /** TLS right after connecting. */
  readonly inTls: boolean;
  /**
   * It leads to somebody else whom the configuration names, such as a proxy: the target policy has no say, and its TLS is not that of the
   * target, but what this machine trusts.
   */
  readonly aside?: boolean;
  /** The way to the target begins with it: what it takes is a phase of the probe. */
  readonly begins?: boolean;
};

/** An ICMP echo to the address of the probe, from where it is sent, for as long as it may take. */
export type Echo = Omit<EchoRequest, 'sourceIp' | 'timeoutMs'>;

/** Who makes further connections. Everything rejects with the reason, policy_denied included. */
export type Wires = {
  /** Connects, judged by the target policy as the first connection was. */
  open(request: WireRequest): Promise<Wire>;
  /** Speaks TLS over a connection to a proxy that leads to the endpoint, which is the target where it `begins` the probe. */
  secure(wire: Wire, endpoint: Endpoint, begins: boolean): Promise<Wire>;
  /**
   * The address of an endpoint that somebody else will connect to; undefined where it is not to be looked up. Rejects where the target
   * policy refuses it.
   */
  judge(endpoint: Endpoint, lookUp: boolean): Promise<IpAddress | undefined>;
  /** Sends one ICMP echo. */
  echo(request: Echo): Promise<EchoReply>;
};
