import { setTimeout as sleep } from 'node:timers/promises';
import { Talk } from '../checks/talk.ts';
import type { Endpoint } from '../core/endpoint.ts';
import type { IpAddress } from '../core/ip.ts';
import type { Phase } from '../core/reason.ts';
import type { Failure } from '../core/result.ts';
import type { Destination } from '../net/channel.ts';
import { isExporterFault } from '../net/classify.ts';
import type { Datagrams } from '../net/datagrams.ts';
import type { Connection } from '../net/dialer.ts';
import { Stream } from '../net/stream.ts';
import { blame } from './blame.ts';
import { Connections } from './connections.ts';
import { inCourtesy, politely } from './courtesy.ts';
import type { ProbeOrder } from './order.ts';
import { type Said, saidIn } from './said.ts';
import { type ProbeSpec, startsInTls } from './spec.ts';
import { talkFrame } from './talk-frame.ts';
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

/**
 * A TLS 1.3 client is content before the server is: that a client certificate is missing arrives afterwards. So where nothing is asked
 * within TLS the server's last word is awaited for this long, ms.
 */
const LAST_WORD_MS = 100;
/** Or for as many times what TLS took: the handshake has a round trip in it, and the word another. */
const ROUND_TRIPS = 2;
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
  readonly #order: ProbeOrder;
  #stream: Stream | undefined;
  #connections: Connections | undefined;
  #address: IpAddress | undefined;
  #destination: Destination | undefined;
  #datagrams: Datagrams | undefined;
  #talk: Talk | undefined;
  #phase: Phase = 'handshake';
  /** With whom it is in that phase. */
  #with: Endpoint;
  /** What of the time since the dialogue began has been told as other phases, or was spent in the exporter's own queue, ms. */
  #apartMs = 0;
  /** How long further connections have waited for their turn inside the exporter, ms. */
  queuedMs = 0;
  #tlsMs = 0;
  #fault: Error | undefined;
  #over = false;

  constructor(world: World, order: ProbeOrder, listener: HandshakeListener) {
    this.#world = world;
    this.#order = order;
    this.#spec = order.spec;
    this.#with = order.spec.endpoint;
    this.#listener = listener;
  }

  /** Talks over a connection, which is the handshake's from now on. */
  begin(socket: Connection, address: IpAddress | undefined): void {
    const stream = new Stream(socket);
    this.#stream = stream;
    this.#address = address;
    this.#connections = this.#connect();
    if (this.#spec.use?.courtesy) void this.#takeLeave(stream);
    else void this.#prove(stream);
  }

  /** Talks by datagrams. */
  beginDatagrams(destination: Destination): void {
    this.#destination = destination;
    void this.#prove(undefined);
  }

  /** Leaves it to the check to reach the address, or whatever the endpoint is where there is none. */
  beginAlone(address: IpAddress | undefined): void {
    this.#address = address;
    this.#connections = this.#connect();
    void this.#prove(undefined);
  }

  /** What the peer has said of itself by now. */
  get said(): Said {
    return saidIn(this.#talk?.noted, this.#connections?.facts);
  }

  /** What it means if time is over now, where that is more than that no answer came. */
  get doubt(): Failure | undefined {
    return this.#talk?.doubt && this.#failureOf(this.#talk.doubt);
  }

  /** With whom it is busy. */
  get endpoint(): Endpoint {
    return this.#with;
  }

  /** The fault of this machine that keeps it from asking. */
  get fault(): Error | undefined {
    return this.#datagrams?.isOpen ? undefined : (this.#fault ?? this.#connections?.fault);
  }

  /** Ends it at once; nothing more is told. */
  close(): void {
    this.#over = true;
    this.#stream?.close();
    this.#connections?.close();
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
    await this.#talk?.goodbye?.();
    if (stream === undefined) return;
    // TLS stands but will not do: a service behind it may take silence amiss all the same.
    const isSpeechless =
      this.#talk === undefined && this.#connections?.facts !== undefined && this.#spec.use?.check.punishesSilence;
    const last = isSpeechless ? await inCourtesy(stream, () => this.#civilities(stream)) : this.#talk?.lastWords;
    const alert = await stream.leave(last, awaitsWord ? Math.max(LAST_WORD_MS, this.#tlsMs * ROUND_TRIPS) : undefined);
    if (awaitsWord && alert !== undefined && !this.#over) this.#listener.settled(this.#failureOf(alert));
  }

  /** For a plain connect: it has its verdict; the dialogue is only there to leave well. */
  async #takeLeave(stream: Stream): Promise<void> {
    this.#listener.settled(undefined);
    await inCourtesy(stream, async () => stream.leave(await this.#civilities(stream)));
    if (!this.#over) this.#listener.ended();
  }

  /** A dialogue whose outcome does not count. Resolves with what is to be said last. */
  async #civilities(stream: Stream): Promise<Uint8Array | undefined> {
    const talk = this.#talkOver(stream, stream);
    if (this.#spec.use !== undefined) await politely(talk, this.#spec.use);
    return talk.lastWords;
  }

  async #verdict(stream: Stream | undefined): Promise<Failure | undefined> {
    const { clock, dialer } = this.#world;
    try {
      this.#prepare();
      if (stream !== undefined && startsInTls(this.#spec.tls)) await this.#secure(stream);
      if (this.#destination !== undefined) this.#datagrams = dialer.datagrams(this.#destination);
      if (this.#spec.use === undefined) return undefined;
      const startedAt = clock.now();
      this.#apartMs = 0;
      this.#enter(this.#spec.use.check.phase ?? 'handshake');
      await this.#converse(stream);
      if (!this.#over) this.#tell(dialer.pacer.arrival() - startedAt - this.#apartMs);
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

  /** Tells how long the dialogue took: `ms` by its beginning and end, unless somebody knows better. */
  #tell(ms: number): void {
    const measured = this.#talk?.measuredMs;
    const took = measured ?? Math.max(0, ms);
    const errorMs = measured === undefined ? Math.min(this.#world.dialer.pacer.arrivalError, took) : 0;
    this.#listener.took(this.#spec.use?.check.phase ?? 'handshake', took, errorMs);
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
    if (use === undefined) return;
    this.#talk = this.#talkOver(stream ?? this.#datagrams, stream);
    await use.check.run(this.#talk, use.options);
  }

  #talkOver(channel: Stream | Datagrams | undefined, stream: Stream | undefined): Talk {
    const [address, wires] = [this.#address, this.#connections];
    return new Talk(
      talkFrame(this.#world, this.#order, { channel, address, wires, startTls: () => this.#secure(stream) }),
    );
  }

  #connect(): Connections {
    return new Connections(this.#world, this.#order, {
      entered: (phase, endpoint) => {
        this.#with = endpoint;
        this.#enter(phase);
      },
      took: (phase, ms, errorMs) => {
        if (this.#over) return;
        this.#apartMs += ms;
        this.#listener.took(phase, ms, errorMs);
      },
      queued: (ms) => {
        this.#apartMs += ms;
        this.queuedMs += ms;
      },
    });
  }

  async #secure(stream: Stream | undefined): Promise<void> {
    const { endpoint } = this.#spec;
    if (stream === undefined || this.#connections === undefined) throw new Error('TLS needs a connection');
    const { tlsMs } = await this.#connections.speakTls(stream, { endpoint, begins: true });
    this.#tlsMs = tlsMs;
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    if (!this.#over && !this.#spec.use?.courtesy) this.#listener.entered(phase);
  }

  #failureOf(error: unknown): Failure {
    return blame(error, this.#phase, this.#destination !== undefined);
  }
}
