import { PassThrough } from 'node:stream';
import { vi } from 'vitest';
import { capture, terminal } from './run.ts';

/** A terminal with somebody at it. */
export function keyboard() {
  const keys = Object.assign(new PassThrough(), { isTTY: true as const, setRawMode: () => undefined });
  const { streams, written } = capture({ stdin: keys, stdout: terminal(80) });
  let seen = 0;
  const sees = (text: string) =>
    vi.waitFor(() => {
      const at = written.stdout.indexOf(text, seen);
      if (at < 0) throw new Error(`not there: ${text}; but ${written.stdout.slice(seen)}`);
      seen = at + text.length;
    });
  return {
    streams,
    written,
    /** Waits until that is there, behind what was waited for before. */
    sees,
    /** Types the answer, and Enter, once the question is there. */
    answers: async (question: string, answer: string) => {
      await sees(question);
      keys.write(`${answer}\r`);
    },
    /** Presses keys. */
    presses: (text: string) => keys.write(text),
    leaves: () => keys.end(),
  };
}
