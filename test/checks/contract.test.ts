import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check } from '../../src/checks/check.ts';
import { http } from '../../src/checks/http.ts';
import { CHECKS } from '../../src/checks/registry.ts';
import { ProbeFailure, type Reason } from '../../src/core/reason.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { Authorities } from '../../src/net/authorities.ts';
import { systemClock } from '../../src/net/clock.ts';
import type { TlsSpec } from '../../src/probe/spec.ts';
import { speaksTcp, type Visit, visit } from '../helpers/checks.ts';
import { endless, garbage } from '../helpers/hostile-peers.ts';
import { closedPort } from '../helpers/peers.ts';
import { confront, rehearse, wishOf } from '../helpers/rehearsal.ts';
import { allTranscripts, serve, transcriptPeer } from '../helpers/transcript-peer.ts';
import { testWorld } from '../helpers/world.ts';

/** What a peer that says too little can be blamed for. */
const CUT_OFF: readonly Reason[] = ['closed_early', 'connection_reset', 'unexpected_response', 'service_unavailable'];
const HUNG_UP: readonly Reason[] = ['closed_early', 'connection_reset'];
/** For peers that never come to an end, ms. */
const SHORT_MS = 250;
/** The same, where TLS must have been agreed by then. */
const SLOW_TLS_MS = 2000;
/** What a busy machine may take longer to notice that time is over, ms. */
const TOLERANCE_MS = 2000;
/** How many real connections may be cut off at once, and how many of one transcript. */
const BATCH = 20;
const REAL_CUTS = { plain: 20, tls: 5 };

const TRANSCRIPTS = await allTranscripts();
const OVER_TCP = CHECKS.map((check) => ({ name: check.name, check, options: optionsOf(check) })).filter(
  ({ check, options }) => speaksTcp(check, options),
);
const PLAYED = TRANSCRIPTS.flatMap((transcript) => {
  const check = CHECKS.find(({ name }) => name === transcript.service);
  if (check === undefined) return [];
  if (!speaksTcp(check, transcript.options ?? {})) return [];
  const title = `${transcript.service}: ${transcript.title}`;
  const said = rehearse(check, transcript).then((outcome) => outcome.said);
  return [{ title, transcript, check, said, tls: wishOf(check, transcript) }];
});
/** Those whose TLS begins within the talk have no stand-in on a socket here: they are rehearsed in memory. */
const ON_A_SOCKET = PLAYED.filter(({ tls }) => tls === 'no' || tls === 'in tls');

/** The options of a check that speak TCP, as they are written: none, else those of a transcript. */
function optionsOf(check: Check): unknown {
  const own = TRANSCRIPTS.filter(({ service }) => service === check.name).map(({ options = {} }) => options);
  return [{}, ...own].find((options) => speaksTcp(check, options)) ?? {};
}

/** What a visitor of that check says of TLS, where that begins with the first byte. */
function tlsOf(check: Check): { readonly tls?: TlsSpec } {
  return check.tls.unasked === 'direct' ? { tls: { judge: 'nothing' } } : {};
}

/** Reading the certificates of this machine takes longer than the talks do: it is done once. */
const AUTHORITIES = new Authorities(systemClock);

function look(address: string, how: Visit): Promise<ProbeResult> {
  return visit(address, how, testWorld({ authorities: AUTHORITIES }));
}

type Peer = (socket: Socket) => void;
type Visited = (typeof OVER_TCP)[number];

/** Visits such a peer: within TLS where the check begins so, unless the peer is to be one that knows nothing of it. */
async function meet(
  { check, options }: Omit<Visited, 'name'>,
  onConnection: Peer,
  timeoutMs = SHORT_MS,
  mayTls = true,
) {
  await using server = await serve(mayTls && check.tls.unasked === 'direct', onConnection);
  return await look(server.address, { service: check.name, options, timeoutMs, ...tlsOf(check) });
}

async function play({ check, transcript, tls }: (typeof PLAYED)[number], playing = {}): Promise<ProbeResult> {
  const inTls = tls === 'in tls';
  await using server = await transcriptPeer(transcript, { inTls, ...playing });
  const { options = {} } = transcript;
  return await look(server.address, {
    service: check.name,
    options,
    ...(inTls && { tls: { judge: 'nothing' as const } }),
  });
}

/** Neither up nor a fault of ours. */
function isTheirs(outcome: string): boolean {
  return outcome !== 'up' && outcome !== 'exporter_error';
}

function isCutOff(error: unknown): boolean {
  return error instanceof ProbeFailure && CUT_OFF.includes(error.reason);
}

/** Sockets, listeners and timers that keep the process going. */
function active(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCP|Timeout)/.test(kind));
}

let atFirst: readonly string[] = [];

beforeAll(async () => {
  await Promise.all(PLAYED.map(({ said }) => said));
  atFirst = active();
});

afterAll(async () => {
  for (let i = 0; i < 100 && active().length > atFirst.length; i++) await setTimeout(50);
  const left = [...active()];
  for (const kind of atFirst) if (left.includes(kind)) left.splice(left.indexOf(kind), 1);
  expect(left).toEqual([]);
});

describe.each(OVER_TCP)('the check $name', ({ check, options }) => {
  test('tells a closed port', async () => {
    const address = `127.0.0.1:${await closedPort()}`;
    const { failure } = await look(address, { service: check.name, options, ...tlsOf(check) });
    expect(failure).toMatchObject({ reason: 'connection_refused', phase: 'connect' });
  });

  test('tells a peer that hangs up at once', async () => {
    const ways: readonly Peer[] = [(socket) => socket.end(), (socket) => socket.destroy()];
    for (const way of ways) {
      const { failure } = await meet({ check, options }, way, 5000);
      expect(HUNG_UP).toContain(failure?.reason);
    }
    const { failure } = await meet({ check, options }, (socket) => socket.resetAndDestroy(), 5000, false);
    expect(HUNG_UP).toContain(failure?.reason);
  });

  test('does not take another service for its own', async () => {
    const others = PLAYED.filter((other) => other.check.run !== check.run);
    const mistaken: string[] = [];
    for (const other of others) {
      // Whatever answers by HTTP is a web server.
      if (check.run === http.run && (await other.said).toString('latin1', 0, 5) === 'HTTP/') continue;
      const { error } = await confront(check, check.options.parse(options), [await other.said]);
      if (!(error instanceof ProbeFailure) || error.reason === 'exporter_error')
        mistaken.push(`${other.title}: ${error ?? 'up'}`);
    }
    expect(mistaken).toEqual([]);
  });

  test('has a transcript of a good talk', () => {
    expect(TRANSCRIPTS.map(({ service }) => service)).toContain(check.name);
  });
});

/** What all checks together make of such peers, by name: they mostly wait. */
describe('every check', () => {
  test('times out with a silent peer', async () => {
    const tries = OVER_TCP.map(async (visited) => {
      const phase = visited.check.tls.unasked === 'direct' ? 'tls' : 'handshake';
      const { failure } = await meet(visited, () => {}, SHORT_MS, false);
      return { ...visited, failure, phase };
    });
    for (const { name, failure, phase } of await Promise.all(tries))
      expect({ name, ...failure }).toMatchObject({ name, reason: 'timeout', phase });
  });

  test('times out with a peer that is silent within TLS', async () => {
    const inTls = OVER_TCP.filter(({ check }) => check.tls.unasked === 'direct');
    const tries = inTls.map(async (visited) => ({ ...visited, ...(await meet(visited, () => {}, SLOW_TLS_MS)) }));
    for (const { name, failure } of await Promise.all(tries))
      expect({ name, ...failure }).toMatchObject({ name, reason: 'timeout', phase: 'handshake' });
  });

  test.each([1, 3])('is not taken in by garbage (%i)', async (seed) => {
    const [long, short] = [garbage(seed, 8 ** (seed + 1)), garbage(seed + 3, 100)];
    const tries = OVER_TCP.map(async (visited) => {
      const results = await Promise.all([
        meet(visited, (socket) => socket.write(long)),
        meet(visited, (socket) => socket.end(short)),
        meet(visited, (socket) => socket.end(short), SHORT_MS, false),
      ]);
      return { ...visited, reasons: results.map(({ failure }) => failure?.reason ?? 'up') };
    });
    for (const { name, reasons } of await Promise.all(tries))
      expect({ name, reasons }).toEqual({ name, reasons: reasons.filter(isTheirs) });
  });

  test.each([0x00, 0x0a, 0x32])('ends in time when a peer never stops saying %i', async (byte) => {
    const tries = OVER_TCP.map(async (visited) => {
      const [slow, fast] = [await meet(visited, endless(byte, 1)), await meet(visited, endless(byte, 16_384))];
      const longest = Math.max(slow.durationMs, fast.durationMs);
      return { ...visited, longest, reasons: [slow, fast].map(({ failure }) => failure?.reason ?? 'up') };
    });
    for (const { name, reasons, longest } of await Promise.all(tries)) {
      expect({ name, reasons }).toEqual({ name, reasons: reasons.filter(isTheirs) });
      expect(longest).toBeLessThan(SHORT_MS + TOLERANCE_MS);
    }
  });
});

describe('every transcript', () => {
  test('is of a check', () => {
    const names = CHECKS.map(({ name }) => name);
    expect(TRANSCRIPTS.map(({ service }) => service).filter((name) => !names.includes(name))).toEqual([]);
  });

  test.each(PLAYED)('$title: rehearsed', async ({ check, transcript }) => {
    const { error, facts } = await rehearse(check, transcript);
    expect({ error, facts }).toEqual({ error: undefined, facts: transcript.facts });
  });

  test.each(PLAYED)('$title: cut off after each byte', async ({ check, transcript, ...played }) => {
    const said = await played.said;
    const enough = transcript.enough ?? said.length;
    const wrong: string[] = [];
    for (let upTo = 0; upTo <= said.length; upTo++) {
      const { error } = await rehearse(check, transcript, { upTo });
      const isRight = upTo >= enough ? error === undefined : isCutOff(error);
      if (!isRight) wrong.push(`${upTo} of ${said.length} bytes: ${error ?? 'up'}`);
    }
    expect(wrong).toEqual([]);
  });

  test.each(ON_A_SOCKET)('$title: played', async (played) => {
    const { failure, service = {} } = await play(played);
    expect({ failure, service }).toEqual({ failure: undefined, service: played.transcript.facts });
  });

  test.each(ON_A_SOCKET)('$title: byte by byte', async (played) => {
    const { failure, service = {} } = await play(played, { piece: 1 });
    expect({ failure, service }).toEqual({ failure: undefined, service: played.transcript.facts });
  });

  test.each(ON_A_SOCKET)('$title: cut off for real', async (played) => {
    const said = await played.said;
    const most = Math.min(said.length, played.transcript.enough ?? said.length);
    const step = Math.max(1, Math.ceil(most / REAL_CUTS[played.tls === 'no' ? 'plain' : 'tls']));
    const cuts = Array.from({ length: Math.ceil(most / step) }, (_, i) => i * step);
    for (let i = 0; i < cuts.length; i += BATCH) {
      const results = await Promise.all(cuts.slice(i, i + BATCH).map((upTo) => play(played, { upTo })));
      for (const { failure } of results) expect(CUT_OFF).toContain(failure?.reason);
    }
  });
});
