import { setImmediate } from 'node:timers/promises';
import type { Check } from '../../src/checks/check.ts';
import { Talk, type TlsWish } from '../../src/checks/talk.ts';
import { ProbeFailure } from '../../src/core/reason.ts';
import type { ServiceFacts } from '../../src/core/result.ts';
import type { Channel } from '../../src/net/channel.ts';
import type { Connection } from '../../src/net/dialer.ts';
import { Inbox } from '../../src/net/inbox.ts';
import { lentSocket } from './lent-socket.ts';
import type { Transcript } from './transcript.ts';
import { Actor, type Playing } from './transcript-peer.ts';

/** What came of a talk without a socket. `error` is whatever the check threw. */
export type Outcome = { readonly error?: unknown; readonly facts: ServiceFacts };

const HUNG_UP = new ProbeFailure('closed_early', 'the peer hung up before it had answered');
/** A check that has not settled this long after the peer's last byte hangs, ms. */
const HANGS_AFTER_MS = 2000;
/** As a deadline would, turns of the loop: by time it could come before what has been said is read, on a machine that is busy. */
const CLOSES_AFTER_TURNS = 50;

/** A check's talk in memory: no socket, TLS is agreed to at once. */
class Rehearsal {
  readonly inbox = new Inbox();
  readonly channel: Channel & { toEnd(): Promise<Buffer> };
  readonly #onSent: (bytes: Uint8Array) => void;
  #lent: Connection | undefined;

  constructor(onSent: (bytes: Uint8Array) => void) {
    const { inbox } = this;
    this.#onSent = onSent;
    this.channel = {
      send: onSent,
      take: (reader) => inbox.take(reader),
      takeWithin: (ms, reader) => inbox.takeWithin(ms, reader),
      toEnd: () =>
        inbox.take((unread) => (inbox.over === HUNG_UP ? { used: unread.length, value: unread } : undefined)),
    };
  }

  async run(check: Check, options: unknown, tls: TlsWish): Promise<Outcome> {
    const lend = () => ({ socket: this.#lend(), protocol: undefined, isSecure: tls === 'in tls' });
    const talk = new Talk({
      channel: { ...this.channel, lend },
      endpoint: { host: '127.0.0.1', port: check.ports[0] ?? 1 },
      tls,
      now: () => performance.now(),
      startTls: async () => {},
      memory: { value: undefined },
    });
    try {
      await withinTime(check.run(talk, options));
      return { facts: talk.noted.service };
    } catch (error) {
      return { error, facts: talk.noted.service };
    } finally {
      this.#lent?.destroy();
    }
  }

  /** The peer hangs up. Whoever speaks over the connection itself hears of it when the frame closes it, at the latest. */
  hangUp(): void {
    this.inbox.end(HUNG_UP);
    void this.#close();
  }

  async #close(): Promise<void> {
    for (let turn = 0; turn < CLOSES_AFTER_TURNS; turn++) await setImmediate();
    this.#lent?.destroy();
  }

  #lend(): Connection {
    this.#lent = lentSocket(this.inbox, HUNG_UP, this.#onSent);
    return this.#lent;
  }
}

/** The talk of a transcript. Also tells all that its server said. */
export async function rehearse(
  check: Check,
  transcript: Transcript,
  playing: Playing = {},
): Promise<Outcome & { readonly said: Buffer }> {
  const actor = new Actor(transcript, playing);
  const said: Buffer[] = [];
  const speak = () => {
    const bytes = actor.speak();
    said.push(bytes);
    if (bytes.length > 0) rehearsal.inbox.put(bytes);
    if (actor.hangsUp) rehearsal.hangUp();
  };
  const rehearsal = new Rehearsal((bytes) => {
    if (actor.isDone) rehearsal.hangUp();
    actor.hear(bytes);
    speak();
  });
  speak();
  const options = check.options.parse(transcript.options ?? {});
  const outcome = await rehearsal.run(check, options, wishOf(check, transcript));
  return { ...outcome, said: Buffer.concat(said) };
}

/** A talk with a peer that says this, piece by piece whatever it is told, and hangs up. */
export async function confront(check: Check, options: unknown, pieces: readonly Uint8Array[]): Promise<Outcome> {
  const rehearsal = new Rehearsal(() => {});
  const running = rehearsal.run(check, options, wishOf(check));
  for (const piece of pieces) {
    rehearsal.inbox.put(piece);
    await setImmediate();
  }
  rehearsal.hangUp();
  return running;
}

/** What of TLS the talk begins with. */
export function wishOf(check: Check, transcript?: Transcript): TlsWish {
  const spec = transcript?.tls ?? (check.tls.unasked === 'direct' ? {} : undefined);
  if (spec === undefined) return 'no';
  const wishes = { direct: 'in tls', starttls: 'wanted', offered: 'if offered', later: 'no' } as const;
  return wishes[spec.how ?? 'direct'];
}

async function withinTime(running: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the check hangs')), HANGS_AFTER_MS);
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
  }
}
