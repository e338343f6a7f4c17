import { Writable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { openLog } from '../../src/cli/open-log.ts';
import type { Output } from '../../src/cli/streams.ts';

const SETTINGS = { 'log.level': 'info', 'log.format': 'json' } as const;
const LOST = 'log lines were lost since the start: they could not be written';

type Taken = (error?: Error | null) => void;

/** A stream whose other side is the test: each piece waits for what `take` makes of it. */
function stream() {
  const pieces: { readonly text: string; readonly taken: Taken }[] = [];
  const output = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, taken) => void pieces.push({ text, taken }),
    // As process.stderr does: an error is not its end.
    autoDestroy: false,
  });
  output.on('error', () => undefined);
  const take = async (error?: NodeJS.ErrnoException): Promise<unknown> => {
    await vi.waitFor(() => expect(pieces).not.toEqual([]));
    const piece = pieces.shift();
    piece?.taken(error);
    return JSON.parse(piece?.text ?? '');
  };
  return { output, pieces, take };
}

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

describe('the log', () => {
  test.each(['ENOSPC', 'EIO', 'EPIPE'])(
    'loses and counts what cannot be written (%s), and says so later',
    async (code) => {
      const lines: string[] = [];
      let problem: Error | undefined;
      const output: Output = {
        write: (line, done) => {
          if (problem === undefined) lines.push(JSON.parse(line).msg);
          done?.(problem);
        },
      };
      const { log, lostLines } = openLog(SETTINGS, output);

      log.info('first');
      problem = failure(code);
      log.info('second');
      log.info('third');
      expect(lostLines()).toBe(2);
      problem = undefined;
      log.info('fourth');
      log.info('fifth');

      expect(lines).toEqual(['first', 'fourth', LOST, 'fifth']);
      expect(lostLines()).toBe(2);
    },
  );

  test('keeps a megabyte for a reader that does not read, and goes on when it does', async () => {
    const { output, take } = stream();
    const { log, lostLines } = openLog(SETTINGS, output);
    const text = 'x'.repeat(1000);

    for (let i = 0; i < 5000; i++) log.info(text, { i });

    expect(output.writableLength).toBeGreaterThan(1_000_000);
    expect(output.writableLength).toBeLessThanOrEqual(1 << 20);
    const lost = lostLines();
    expect(lost).toBeGreaterThan(3000);
    for (let i = 0; i < 5000 - lost; i++) expect(await take()).toMatchObject({ msg: text, i });
    expect(await take()).toMatchObject({ level: 'error', msg: LOST, lines: lost });
    log.info('again');
    expect(await take()).toMatchObject({ msg: 'again' });
    expect(lostLines()).toBe(lost);
  });

  test('counts a report of lost lines that is lost itself', () => {
    const lines: { readonly msg: string; readonly lines?: number }[] = [];
    const problems = [failure('ENOSPC'), undefined, failure('ENOSPC'), undefined, undefined];
    const output: Output = {
      write: (line, done) => {
        const problem = problems.shift();
        if (problem === undefined) lines.push(JSON.parse(line));
        done?.(problem);
      },
    };
    const { log, lostLines } = openLog(SETTINGS, output);

    for (const text of ['first', 'second', 'third']) log.info(text);

    expect(lines).toMatchObject([{ msg: 'second' }, { msg: 'third' }, { msg: LOST, lines: 2 }]);
    expect(lostLines()).toBe(2);
  });

  test('does not wait for a terminal', () => {
    const setBlocking = vi.fn();
    openLog(SETTINGS, { write: () => undefined, isTTY: true, _handle: { setBlocking } });
    expect(setBlocking.mock.calls).toEqual([[false]]);
  });
});
