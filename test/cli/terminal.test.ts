import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lookOf, progressLine } from '../../src/cli/terminal.ts';
import { capture, terminal } from './run.ts';

describe('progressLine', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is rewritten ten times a second at the most, with the latest number', () => {
    const { streams, written } = capture({ stderr: terminal(80) });
    const progress = progressLine(streams, 500);
    for (let i = 1; i <= 120; i++) progress.show(i);
    expect(written.stderr).toBe('\r\x1b[Kprobing 0/500');
    vi.advanceTimersByTime(100);
    expect(written.stderr).toBe('\r\x1b[Kprobing 0/500\r\x1b[Kprobing 120/500');
    vi.advanceTimersByTime(1000);
    progress.clear();
    expect(written.stderr).toBe('\r\x1b[Kprobing 0/500\r\x1b[Kprobing 120/500\r\x1b[K');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is nothing in a file, a pipe and on a terminal that cannot rewrite', () => {
    for (const setup of [{}, { stderr: terminal(80), env: { TERM: 'dumb' } }]) {
      const { streams, written } = capture(setup);
      const progress = progressLine(streams, 500);
      progress.show(1);
      progress.clear();
      expect(written.stderr).toBe('');
      expect(vi.getTimerCount()).toBe(0);
    }
  });
});

describe('lookOf', () => {
  test.each([
    { what: 'a pipe', setup: {}, look: { colours: false } },
    { what: 'a terminal', setup: { stdout: terminal(80) }, look: { colours: true, columns: 80 } },
    { what: 'a terminal that does not know its width', setup: { stdout: terminal(0) }, look: { colours: true } },
    {
      what: 'a terminal without colours',
      setup: { stdout: terminal(80), env: { NO_COLOR: '1' } },
      look: { colours: false, columns: 80 },
    },
  ])('of $what is $look', ({ setup, look }) => {
    expect(lookOf(capture(setup).streams)).toEqual(look);
  });
});
