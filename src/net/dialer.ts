import { Socket, type SocketConnectOpts } from 'node:net';
import type { Destination, SocketPath } from './channel.ts';
import { isExporterFault, isOutOfFiles } from './classify.ts';
import type { Clock } from './clock.ts';
import { Datagrams } from './datagrams.ts';
import { localPortRange, openFileBudget } from './limits.ts';
import { Pacer, type Startable } from './pacer.ts';

/** An open TCP connection. */
export type Connection = Socket;

/** Who wants the connection. Nothing is called after the dialling was cancelled. */
export type DialListener = {
  /** Times in ms: what the network took, and how much of it may be the exporter's own queueing. The socket is the listener's now. */
  connected(socket: Connection, connectMs: number, errorMs: number): void;
  /** No connection came about, or the one handed over has failed since. */
  failed(error: Error): void;
};

const SELF_CONNECT = Object.assign(new Error('connect: only this connection itself answered'), {
  code: 'ECONNREFUSED',
});
const FAULT_PAUSE_MS = 10;
const WATCH_MS = 5;
/** A fault of one address only, such as IPv6 on a machine without it, must not slow down the others; ms. */
const OWN_FAULT_PAUSE_MS = 50;

/** Before a Unix socket is tried again whose queue of connections is full: TCP would do so by itself; ms. */
const QUEUE_PAUSE_MS = 50;

/** One connection being made to one literal address, or to one Unix socket. */
export class Dialling implements Startable {
  readonly destination: Destination | SocketPath;
  readonly listener: DialListener;
  /** When the connection was asked of the kernel, monotonic ms; undefined while it waits for its turn. */
  startedAt: number | undefined;
  /** The last fault of this machine, such as EMFILE, that kept it from starting. */
  fault: Error | undefined;
  socket: DialSocket | undefined;
  cancelled = false;
  connected = false;
  readonly #dialer: Dialer;

  constructor(dialer: Dialer, destination: Destination | SocketPath, listener: DialListener) {
    this.#dialer = dialer;
    this.destination = destination;
    this.listener = listener;
  }

  start(): void {
    if (!this.cancelled) this.#dialer.open(this);
  }

  /** Gives up; the listener hears nothing more. */
  cancel(): void {
    this.cancelled = true;
    this.socket?.destroy();
  }
}

/** Fields instead of closures: one object and four shared functions per connect are half the cost of a promise and its handlers. */
class DialSocket extends Socket {
  readonly dialer: Dialer;
  readonly dialling: Dialling;

  constructor(dialer: Dialer, dialling: Dialling) {
    super();
    this.dialer = dialer;
    this.dialling = dialling;
    this.on('connectionAttempt', onAttempt);
    this.on('connect', onConnect);
    this.on('error', onError);
    this.on('close', onClose);
  }
}

function onAttempt(this: DialSocket): void {
  this.dialling.startedAt ??= this.dialer.clock.now();
}

function onConnect(this: DialSocket): void {
  this.dialer.connected(this);
}

function onError(this: DialSocket, error: Error): void {
  this.dialer.failed(this, error);
}

function onClose(this: DialSocket): void {
  this.dialer.closed();
}

/**
 * Connects to one literal address: no names, no second address behind the caller's back (Node's own happy eyeballs would give up the
 * first one after 250 ms and report the time of both). Faults of this machine are tried again until the caller cancels.
 */
export class Dialer {
  readonly clock: Clock;
  readonly pacer: Pacer;
  readonly #mostOpen: number;
  readonly #localPorts = localPortRange();
  #open = 0;
  #watch: NodeJS.Timeout | undefined;

  constructor(clock: Clock, mostOpen: number = openFileBudget()) {
    this.clock = clock;
    this.#mostOpen = mostOpen;
    this.pacer = new Pacer(clock, () => this.#open < this.#mostOpen);
  }

  /** Connections open now, the ones being made and closed included. */
  get inFlight(): number {
    return this.#open;
  }

  /** Begins to connect in this very turn of the loop: for callers that the pacer has started. */
  dialNow(destination: Destination | SocketPath, listener: DialListener): Dialling {
    const dialling = new Dialling(this, destination, listener);
    this.open(dialling);
    return dialling;
  }

  /** Connects when its turn comes. */
  dial(destination: Destination | SocketPath, listener: DialListener): Dialling {
    const dialling = new Dialling(this, destination, listener);
    this.pacer.enqueue(dialling);
    return dialling;
  }

  /** Opens a talk by UDP. */
  datagrams(destination: Destination): Datagrams {
    this.#open++;
    return new Datagrams(destination, () => this.closed());
  }

  /** @internal */
  open(dialling: Dialling): void {
    if (this.#open === 0) this.pacer.rest();
    this.#open++;
    this.#watch ??= setInterval(() => this.#mark(), WATCH_MS).unref();
    dialling.socket = new DialSocket(this, dialling);
    dialling.socket.connect(connectOptions(dialling.destination));
  }

  /** @internal */
  connected(socket: DialSocket): void {
    const { dialling } = socket;
    if (this.#metItself(socket, dialling.destination)) {
      dialling.cancel();
      dialling.listener.failed(SELF_CONNECT);
      return;
    }
    dialling.connected = true;
    const took = this.pacer.arrival() - (dialling.startedAt ?? 0);
    dialling.listener.connected(socket, took, Math.min(this.pacer.arrivalError, took));
  }

  /**
   * Whether nobody answered but ourselves: the kernel took the very port that was dialled for our end, and TCP lets two ends that open to
   * each other at once connect. Happens with closed local ports in the ephemeral range, once in thousands of probes. RFC 9293, 3.5.
   */
  #metItself(socket: DialSocket, destination: Destination | SocketPath): boolean {
    if ('path' in destination) return false;
    const { port, address } = destination;
    const [first, last] = this.#localPorts;
    return port >= first && port <= last && socket.localPort === port && socket.localAddress === address.text;
  }

  /** @internal */
  failed(socket: DialSocket, error: Error): void {
    const { dialling } = socket;
    if (dialling.cancelled) return;
    if (isFull(dialling, error)) {
      setTimeout(() => this.pacer.enqueue(dialling), QUEUE_PAUSE_MS);
      return;
    }
    if (dialling.connected || !isExporterFault(error)) {
      dialling.listener.failed(error);
      return;
    }
    dialling.fault = error;
    dialling.startedAt = undefined;
    dialling.socket = undefined;
    if (isOutOfFiles(error)) {
      // It would hit everybody: wait for a descriptor, then go on with all.
      this.pacer.hold(FAULT_PAUSE_MS);
      this.pacer.enqueue(dialling);
    } else setTimeout(() => this.pacer.enqueue(dialling), OWN_FAULT_PAUSE_MS);
  }

  /** While connections are open, the pacer is kept up to date on when the loop last came round: the bound of its error is that short. */
  #mark(): void {
    this.pacer.watch();
    if (this.#open > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  /** @internal */
  closed(): void {
    this.#open--;
    this.pacer.wake();
  }
}

function isFull({ destination, connected }: Dialling, error: NodeJS.ErrnoException): boolean {
  return 'path' in destination && !connected && error.code === 'EAGAIN';
}

function connectOptions(destination: Destination | SocketPath): SocketConnectOpts {
  if ('path' in destination) return destination;
  const { address, port, sourceIp } = destination;
  return {
    host: address.text,
    port,
    family: address.family,
    autoSelectFamily: false,
    ...(sourceIp === undefined ? undefined : { localAddress: sourceIp }),
  };
}
