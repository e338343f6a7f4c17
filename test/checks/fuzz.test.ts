import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { Check } from '../../src/checks/check.ts';
import { CHECKS } from '../../src/checks/registry.ts';
import { ProbeFailure } from '../../src/core/reason.ts';
import { speaksTcp } from '../helpers/checks.ts';
import { confront, rehearse } from '../helpers/rehearsal.ts';
import type { Transcript } from '../helpers/transcript.ts';
import { allTranscripts } from '../helpers/transcript-peer.ts';

/** Each run of the tests tries the same, less of it on a busy machine: fast-check prints the seed with what it found. */
const REPRODUCIBLE = { seed: 20_261_122, numRuns: 500, interruptAfterTimeLimit: 3000 };
const TRANSCRIPTS = await allTranscripts();

/** One change to the server's bytes. `at` and `to` are shares of their length. */
type Change = { readonly kind: string; readonly at: number; readonly to: number; readonly byte: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'delete', 'duplicate', 'swap', 'extreme', 'cut'),
  at: share,
  to: share,
  byte: fc.integer({ min: 0, max: 255 }),
});
const splits = fc.array(share, { maxLength: 4 });

function mutate(bytes: Buffer, { kind, at, to, byte }: Change): Buffer {
  const [from, end] = [Math.min(at, to), Math.max(at, to)].map((part) => Math.floor(part * bytes.length)) as [
    number,
    number,
  ];
  const [head, middle, tail] = [bytes.subarray(0, from), bytes.subarray(from, end), bytes.subarray(end)];
  const [first = 0] = tail;
  const shapes: Readonly<Record<string, readonly Uint8Array[]>> = {
    flip: [head, middle, Buffer.from([first ^ (1 << (byte & 7))]), tail.subarray(1)],
    set: [head, middle, Buffer.from([byte]), tail.subarray(1)],
    delete: [head, tail],
    duplicate: [head, middle, middle, tail],
    swap: [tail, middle, head],
    // What a length field may say: nothing, all, the greatest, less than nothing.
    extreme: [
      head,
      Buffer.alloc(1 << (byte & 3), [0x00, 0xff, 0x7f, 0x80][byte >> 6]),
      bytes.subarray(from + (1 << (byte & 3))),
    ],
    cut: [head],
  };
  return Buffer.concat(shapes[kind] ?? []);
}

function split(bytes: Uint8Array, shares: readonly number[]): Uint8Array[] {
  const cuts = [0, ...shares.map((part) => Math.floor(part * bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
}

/** The talk must settle, and only ever fail for a reason of the peer's. */
async function survives(check: Check, options: unknown, pieces: readonly Uint8Array[]): Promise<void> {
  const { error } = await confront(check, options, pieces);
  if (error !== undefined && !(error instanceof ProbeFailure)) throw error;
}

/** Checks with the options, as they are written, of which a talk comes. */
const TALKING = CHECKS.flatMap((check) => {
  const own: readonly Transcript[] = TRANSCRIPTS.filter(({ service }) => service === check.name);
  const options = [{}, ...own.map((transcript) => transcript.options ?? {})].filter((one) => speaksTcp(check, one));
  return options.length === 0 ? [] : [{ name: check.name, check, own, options }];
});

describe.each(TALKING)('the check $name', ({ check, own, options }) => {
  test('survives whatever a peer may say', async () => {
    const anything = fc.asyncProperty(
      fc.constantFrom(...options),
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
      (chosen, pieces) => survives(check, check.options.parse(chosen), pieces),
    );
    await fc.assert(anything, REPRODUCIBLE);
  });

  test.skipIf(own.length === 0)('survives a talk that went wrong', async () => {
    const talks = await Promise.all(own.map(async (one) => ({ one, said: (await rehearse(check, one)).said })));
    const property = fc.asyncProperty(
      fc.constantFrom(...talks),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      splits,
      ({ one, said }, changes, shares) => {
        const bytes = changes.reduce(mutate, said);
        return survives(check, check.options.parse(one.options ?? {}), split(bytes, shares));
      },
    );
    await fc.assert(property, { ...REPRODUCIBLE, numRuns: 2000 });
  });
});
