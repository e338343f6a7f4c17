import { setTimeout as sleep } from 'node:timers/promises';
import { Talk, type TlsWish } from '../checks/talk.ts';
import type { Phase } from '../core/reason.ts';
import type { Failure, ProbeResult, TlsFacts } from '../core/result.ts';
import type { Destination } from '../net/channel.ts';
import { classify, describe, isExporterFault } from '../net/classify.ts';
import type { Datagrams } from '../net/datagrams.ts';
import type { Connection } from '../net/dialer.ts';
import { Stream } from '../net/stream.ts';
import { isAlert } from '../net/tls.ts';
import type { ProbeSpec } from './spec.ts';
import type { World } from './world.ts';

/** What a handshake is told and tells. Times in ms. */
export type HandshakeListener = {
  entered(phase: Phase): void;
  took(phase: Phase, ms: number, errorMs: number): void;
  /** The verdict is known; what is missing is the goodbye. */
  settled(failure: Failure | undefined): void;
  /** Once, last. */
  ended(): void;
};

/** What the peer said of itself, as far as it came. */
export type Said = Pick<ProbeResult, 'tls' | 'service' | 'samples'>;

/**
 * A TLS 1.3 client is content before the server is: that a client certificate is missing arrives afterwards. So where nothing is asked
 * within TLS the server's last word is awaited for this long, ms.
 */
const LAST_WORD_MS = 100;
/** Or for as many times what TLS took: the handshake has a round trip in it, and the word another. */
const ROUND_TRIPS = 2;
/** What a plain connect grants the goodbye of a service that punishes silence, ms. */
const COURTESY_MS = 1000;
/** Before datagrams are tried again that a fault of this machine has stopped, ms. */
const FAULT_PAUSE_MS = 50;

/**
 * What comes after connect: TLS, the dialogue of the check, and leaving in order. Tells each phase as it ends, the verdict when it is
 * known, and its end.
 */
export class Handshake {
  readonly #world: World;
  readonly #spec: ProbeSpec;
  readonly #listener: HandshakeListener;
  readonly #key: string;
  #stream: Stream | undefined;
  #destination: Destination | undefined;
  #datagrams: Datagrams | undefined;
  #talk: Talk | undefined;
  #tls: TlsFacts | undefined;
  #phase: Phase = 'handshake';
  #tlsMs = 0;
  #fault: Error | undefined;
  #over = false;

  constructor(world: World, plan: { readonly spec: ProbeSpec; readonly key: string }, listener: HandshakeListener) {
    this.#world = world;
    this.#spec = plan.spec;
    this.#key = plan.key;
    this.#listener = listener;
  }

  /** Talks over a connection, which is the handshake's from now on. */
  begin(socket: Connection): void {
    const stream = new Stream(socket);
    this.#stream = stream;
    if (this.#spec.use?.courtesy) void this.#takeLeave(stream);
    else void this.#prove(stream);
  }

  /** Talks by datagrams. */
  beginDatagrams(destination: Destination): void {
    this.#destination = destination;
    void this.#prove(undefined);
  }

  /** What the peer has said of itself by now. */
  get said(): Said {
    const { service, samples } = this.#talk?.noted ?? {};
    return {
      ...(this.#tls && { tls: this.#tls }),
      ...(service && Object.keys(service).length > 0 && { service }),
      ...(samples && samples.length > 0 && { samples }),
    };
  }

  /** What it means if time is over now, where that is more than that no answer came. */
  get doubt(): Failure | undefined {
    return this.#talk?.doubt && this.#failureOf(this.#talk.doubt);
  }

  /** The fault of this machine that keeps the datagrams from being sent. */
  get fault(): Error | undefined {
    return this.#datagrams?.isOpen ? undefined : this.#fault;
  }

  /** Ends it at once; nothing more is told. */
  close(): void {
    this.#over = true;
    this.#stream?.close();
    this.#datagrams?.close();
  }

  async #prove(stream: Stream | undefined): Promise<void> {
    const failure = await this.#verdict(stream);
    if (this.#over) return;
    const awaitsWord = failure === undefined && this.#spec.use === undefined;
    this.#listener.settled(failure);
    await this.#leave(stream, awaitsWord);
    if (!this.#over) this.#listener.ended();
  }

  async #leave(stream: Stream | undefined, awaitsWord: boolean): Promise<void> {
    this.#datagrams?.close();
    if (stream === undefined) return;
    // TLS stands but will not do: a service behind it may take silence amiss all the same.
    const isSpeechless = this.#talk === undefined && this.#tls !== undefined && this.#spec.use?.check.punishesSilence;
    const last = isSpeechless ? await this.#inCourtesy(stream, () => this.#civilities(stream)) : this.#talk?.lastWords;
    const alert = await stream.leave(last, awaitsWord ? Math.max(LAST_WORD_MS, this.#tlsMs * ROUND_TRIPS) : undefined);
    if (awaitsWord && alert !== undefined && !this.#over) this.#listener.settled(this.#failureOf(alert));
  }

  /** For a plain connect: it has its verdict; the dialogue is only there to leave well. */
  async #takeLeave(stream: Stream): Promise<void> {
    this.#listener.settled(undefined);
    await this.#inCourtesy(stream, async () => stream.leave(await this.#civilities(stream)));
    if (!this.#over) this.#listener.ended();
  }

  /** A dialogue whose outcome does not count. Resolves with what is to be said last. */
  async #civilities(stream: Stream): Promise<Uint8Array | undefined> {
    const talk = this.#talkOver(stream, stream);
    try {
      await this.#spec.use?.check.run(talk, this.#spec.use.options);
    } catch {
      // Whatever it was, nobody asked.
    }
    return talk.lastWords;
  }

  /** Does it for as long as courtesy goes; then the stream closes, which ends it. */
  async #inCourtesy<Value>(stream: Stream, what: () => Promise<Value>): Promise<Value> {
    const tooLong = setTimeout(() => stream.close(), COURTESY_MS);
    const done = await what();
    clearTimeout(tooLong);
    return done;
  }

  async #verdict(stream: Stream | undefined): Promise<Failure | undefined> {
    const { clock, dialer } = this.#world;
    try {
      this.#prepare();
      if (stream !== undefined && this.#startsInTls) await this.#secure(stream);
      if (this.#destination !== undefined) this.#datagrams = dialer.datagrams(this.#destination);
      if (this.#spec.use === undefined) return undefined;
      const startedAt = clock.now();
      this.#tlsMs = 0;
      this.#enter('handshake');
      await this.#converse(stream);
      if (this.#over) return undefined;
      const took = dialer.pacer.arrival() - startedAt - this.#tlsMs;
      this.#listener.took('handshake', Math.max(0, took), Math.min(dialer.pacer.arrivalError, took));
      return undefined;
    } catch (error) {
      if (this.#destination === undefined || !isExporterFault(error)) return this.#failureOf(error);
      // No file descriptor, say: the deadline ends it if that lasts.
      this.#fault = error as Error;
      this.#datagrams?.close();
      await sleep(FAULT_PAUSE_MS);
      return this.#over ? undefined : this.#verdict(stream);
    }
  }

  /** Has certificates read before any clock runs: it takes the exporter some time, which is not the target's. They are kept there. */
  #prepare(): void {
    const { tls } = this.#spec;
    if (tls === undefined) return;
    this.#phase = 'tls';
    this.#world.authorities.context(tls);
    this.#phase = 'handshake';
  }

  async #converse(stream: Stream | undefined): Promise<void> {
    const { use } = this.#spec;
    const channel = stream ?? this.#datagrams;
    if (use === undefined || channel === undefined) return;
    this.#talk = this.#talkOver(channel, stream);
    await use.check.run(this.#talk, use.options);
  }

  #talkOver(channel: Stream | Datagrams, stream: Stream | undefined): Talk {
    return new Talk({
      channel,
      endpoint: this.#spec.endpoint,
      tls: this.#wish(stream),
      now: () => this.#world.clock.now(),
      startTls: () => this.#secure(stream),
      memory: this.#world.memories.of(this.#key),
    });
  }

  get #startsInTls(): boolean {
    const { tls } = this.#spec;
    return tls !== undefined && (tls.how ?? 'direct') === 'direct';
  }

  #wish(stream: Stream | undefined): TlsWish {
    const { tls } = this.#spec;
    if (tls === undefined || stream === undefined) return 'no';
    if (this.#startsInTls) return 'in tls';
    return tls.how === 'offered' ? 'if offered' : 'wanted';
  }

  async #secure(stream: Stream | undefined): Promise<void> {
    const { tls = {}, endpoint } = this.#spec;
    if (stream === undefined) throw new Error('TLS needs a connection');
    const { clock, dialer, authorities } = this.#world;
    this.#enter('tls');
    const startedAt = clock.now();
    const secureContext = authorities.context(tls);
    const peer = { host: endpoint.host, serverName: tls.serverName, secureContext, judge: tls.judge ?? 'all' };
    const { facts, error } = await stream.secure(peer, () => {
      if (this.#over) return;
      this.#tlsMs = dialer.pacer.arrival() - startedAt;
      this.#listener.took('tls', this.#tlsMs, Math.min(dialer.pacer.arrivalError, this.#tlsMs));
    });
    this.#tls = facts;
    if (error !== undefined) throw error;
    this.#enter('handshake');
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    if (!this.#over && !this.#spec.use?.courtesy) this.#listener.entered(phase);
  }

  #failureOf(error: unknown): Failure {
    const reason = classify(error, this.#phase);
    return { reason, phase: this.#phaseOf(error, reason), detail: describe(error) };
  }

  /** A TLS alert is about TLS, however late it comes; and where no connection is made, that nobody listens is told by the first answer. */
  #phaseOf(error: unknown, reason: Failure['reason']): Phase {
    if (error instanceof Error && isAlert(error)) return 'tls';
    const unreachable = reason === 'connection_refused' || reason.endsWith('_unreachable');
    return this.#destination !== undefined && unreachable ? 'connect' : this.#phase;
  }
}
