import type { Echo, Wire, WireRequest, Wires } from '../checks/wire.ts';
import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';
import { type IpAddress, parseIp } from '../core/ip.ts';
import { type Phase, ProbeFailure } from '../core/reason.ts';
import type { TlsFacts } from '../core/result.ts';
import type { Connection, Dialling } from '../net/dialer.ts';
import type { EchoReply, Pinging } from '../net/ping.ts';
import { Stream } from '../net/stream.ts';
import { denied, type Policy } from './policy.ts';
import type { ProbeSpec } from './spec.ts';
import type { World } from './world.ts';

/** What is told of the connections of a probe. Times in ms. */
export type ConnectionsListener = {
  /** The phase that it is in now, and with whom. */
  entered(phase: Phase, endpoint: Endpoint): void;
  /** What a phase of the probe took. */
  took(phase: Phase, ms: number, errorMs: number): void;
  /** A further connection has waited so long for its turn inside the exporter. */
  queued(ms: number): void;
};

/** How TLS is to be spoken over a stream. `begins`: over the connection that the probe is about. */
type Securing = {
  readonly endpoint: Endpoint;
  readonly begins: boolean;
  /** With somebody else than the target. */
  readonly aside?: boolean;
};

/** What connecting took, ms; the bound of its error with it, and the wait for its turn before it. */
type Dialled = {
  readonly socket: Connection;
  readonly connectMs: number;
  readonly errorMs: number;
  readonly queuedMs: number;
};

/** What TLS took, ms, and the bound of its error. */
type Secured = { readonly tlsMs: number; readonly errorMs: number };

/**
 * TLS over the first connection of a probe, and its further connections where its check asks for them: redirects, proxies. Each is looked
 * up, judged by the target policy and dialled as the first one was.
 */
export class Connections implements Wires {
  readonly #world: World;
  readonly #spec: ProbeSpec;
  readonly #policy: Policy;
  readonly #listener: ConnectionsListener;
  readonly #streams: Stream[] = [];
  #lookUp: { abandon(): unknown } | undefined;
  #dialling: Dialling | undefined;
  #pinging: Pinging | undefined;
  #facts: TlsFacts | undefined;
  #over = false;

  constructor(
    world: World,
    plan: { readonly spec: ProbeSpec; readonly policy: Policy },
    listener: ConnectionsListener,
  ) {
    this.#world = world;
    this.#spec = plan.spec;
    this.#policy = plan.policy;
    this.#listener = listener;
  }

  /** What TLS agreed on, over the connection that spoke it last. */
  get facts(): TlsFacts | undefined {
    return this.#facts;
  }

  /** Speaks TLS as the spec has it; rejects when it cannot be agreed, or the certificate will not do. Resolves with what it took. */
  async speakTls(stream: Stream, { endpoint, begins, aside = false }: Securing): Promise<Secured> {
    const { use } = this.#spec;
    const tls = aside ? {} : (this.#spec.tls ?? {});
    const { clock, dialer, authorities } = this.#world;
    this.#listener.entered('tls', endpoint);
    const startedAt = clock.now();
    let [tlsMs, errorMs] = [0, 0];
    const secureContext = authorities.context(tls);
    const protocols = aside ? [] : (use?.check.applicationProtocols?.(use.options) ?? []);
    const serverName = aside ? undefined : this.#nameOf(endpoint);
    const peer = { host: endpoint.host, serverName, secureContext, judge: tls.judge ?? 'all', protocols };
    const { facts, error } = await stream.secure(peer, () => {
      tlsMs = dialer.pacer.arrival() - startedAt;
      errorMs = Math.min(dialer.pacer.arrivalError, tlsMs);
      if (begins && !this.#over) this.#listener.took('tls', tlsMs, errorMs);
    });
    if (!aside) this.#facts = facts;
    if (error !== undefined) throw error;
    this.#listener.entered('handshake', endpoint);
    return { tlsMs, errorMs };
  }

  async open({ endpoint, inTls, aside = false, begins = false }: WireRequest): Promise<Wire> {
    const { clock } = this.#world;
    const startedAt = clock.now();
    const address = await this.#locate(endpoint, aside);
    const resolve = clock.now() - startedAt;
    if (!aside) this.#admit(endpoint, address);
    this.#listener.entered('connect', endpoint);
    const { socket, connectMs, errorMs, queuedMs } = await this.#dial(endpoint, address);
    if (begins) this.#listener.took('connect', connectMs, errorMs);
    this.#listener.entered('handshake', endpoint);
    const stream = this.#kept(new Stream(socket));
    const isPhase = begins && !aside;
    const secured = inTls ? await this.speakTls(stream, { endpoint, begins: isPhase, aside }) : UNSECURED;
    const tookMs = { resolve, connect: begins ? 0 : connectMs, tls: isPhase ? 0 : secured.tlsMs };
    return { ...stream.lend(), tookMs, ownMs: { queued: queuedMs, error: errorMs + secured.errorMs } };
  }

  async judge(endpoint: Endpoint, lookUp: boolean): Promise<IpAddress | undefined> {
    const address = lookUp ? await this.#locate(endpoint, false) : parseIp(endpoint.host);
    this.#admit(endpoint, address);
    this.#listener.entered('handshake', endpoint);
    return address;
  }

  async #locate(endpoint: Endpoint, aside: boolean): Promise<IpAddress> {
    this.#listener.entered('resolve', endpoint);
    const literal = parseIp(endpoint.host);
    if (literal !== undefined) return literal;
    // What whoever redirects us thinks of is not looked up in vain.
    if (!aside && !this.#policy.mayResolve(endpoint)) throw this.#refused(endpoint.host, endpoint);
    return await this.#resolve(endpoint);
  }

  /** The name to ask TLS for, where that is not the host: what is configured is for the target alone, and not for whom it sends us to. */
  #nameOf(endpoint: Endpoint): string | undefined {
    const { tls, use } = this.#spec;
    if (formatEndpoint(endpoint) !== formatEndpoint(this.#spec.endpoint)) return undefined;
    return tls?.serverName ?? use?.check.serverName?.(use.options);
  }

  /** Throws where the target policy refuses it. */
  #admit(endpoint: Endpoint, address: IpAddress | undefined): void {
    const allowed = address === undefined ? this.#policy.allowsName(endpoint) : this.#policy.allows(endpoint, address);
    if (!allowed) throw this.#refused(address?.text ?? endpoint.host, endpoint);
  }

  #refused(what: string, endpoint: Endpoint): ProbeFailure {
    this.#listener.entered('resolve', endpoint);
    const { reason, detail } = denied(what, endpoint);
    return new ProbeFailure(reason, detail);
  }

  async secure(wire: Wire, endpoint: Endpoint, begins: boolean): Promise<Wire> {
    const stream = this.#kept(new Stream(wire.socket));
    const { tlsMs, errorMs } = await this.speakTls(stream, { endpoint, begins });
    const tookMs = { ...wire.tookMs, tls: wire.tookMs.tls + (begins ? 0 : tlsMs) };
    return { ...stream.lend(), tookMs, ownMs: { ...wire.ownMs, error: wire.ownMs.error + errorMs } };
  }

  async echo(request: Echo): Promise<EchoReply> {
    const { endpoint, sourceIp, timeoutMs } = this.#spec;
    const address = await this.#locate(endpoint, false);
    // A name may lead elsewhere by now.
    this.#admit(endpoint, address);
    this.#listener.entered('connect', endpoint);
    this.#pinging = this.#world.pings.ping(address, {
      ...request,
      timeoutMs,
      ...(sourceIp !== undefined && { sourceIp }),
    });
    if (this.#over) this.#pinging.cancel();
    return this.#pinging.reply;
  }

  /** Why nothing has been asked of the target yet, where that is so. */
  get fault(): Error | undefined {
    if (this.#pinging !== undefined && !this.#pinging.isStarted) return new Error('too many pings are under way');
    if (this.#dialling === undefined || this.#dialling.startedAt !== undefined) return undefined;
    return this.#dialling.fault ?? new Error('it was not its turn yet, or there was no free file descriptor');
  }

  /** Ends them at once, whatever is under way. */
  close(): void {
    this.#over = true;
    this.#lookUp?.abandon();
    this.#dialling?.cancel();
    this.#pinging?.cancel();
    for (const stream of this.#streams) stream.close();
  }

  #kept(stream: Stream): Stream {
    if (this.#over) stream.close();
    this.#streams.push(stream);
    return stream;
  }

  #resolve(endpoint: Endpoint): Promise<IpAddress> {
    const { promise, resolve, reject } = settler<IpAddress>();
    this.#lookUp = this.#world.resolver.resolve(endpoint.host, this.#spec.family, (resolution) => {
      if (resolution.ok) resolve(resolution.address);
      else reject(new ProbeFailure(resolution.reason, resolution.detail));
    });
    return promise;
  }

  #dial({ port }: Endpoint, address: IpAddress): Promise<Dialled> {
    const { promise, resolve, reject } = settler<Dialled>();
    const { clock, dialer } = this.#world;
    const enqueuedAt = clock.now();
    // Told also of a connection that fails: probes that fail take time, too.
    const queued = () => {
      const ms = (dialling.startedAt ?? enqueuedAt) - enqueuedAt;
      this.#listener.queued(ms);
      return ms;
    };
    const dialling = dialer.dial(
      { address, port, sourceIp: this.#spec.sourceIp },
      {
        connected: (socket, connectMs, errorMs) => resolve({ socket, connectMs, errorMs, queuedMs: queued() }),
        failed: (error) => {
          queued();
          reject(error);
        },
      },
    );
    this.#dialling = dialling;
    return promise;
  }
}

const UNSECURED: Secured = { tlsMs: 0, errorMs: 0 };

/** A promise and what settles it: for callbacks that may come at once. */
function settler<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
