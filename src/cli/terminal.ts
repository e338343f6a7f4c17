import type { Output, Streams } from './streams.ts';
import type { Look } from './table.ts';

const EVERY_MS = 100;
const CLEAR_LINE = '\r\x1b[K';

/** How a table may look on standard output. Source: https://no-color.org */
export function lookOf({ stdout, env }: Streams): Look {
  const terminal = isTerminal(stdout, env);
  const width = stdout.isTTY === true ? stdout.columns : undefined;
  return { colours: terminal && !env['NO_COLOR'], ...(width ? { columns: width } : {}) };
}

/** One line that tells how far a round is. */
export type Progress = { readonly show: (finished: number) => void; readonly clear: () => void };

/** Written on standard error and rewritten in place until it is cleared; nothing unless that is a terminal. */
export function progressLine({ stderr, env }: Streams, total: number): Progress {
  if (!isTerminal(stderr, env)) return { show: () => {}, clear: () => {} };
  let finished = 0;
  let shown: number | undefined;
  const paint = () => {
    if (shown !== finished) stderr.write(`${CLEAR_LINE}probing ${finished}/${total}`);
    shown = finished;
  };
  // Not with every result: thousands of them come in a second, and the terminal is slower than the network.
  const timer = setInterval(paint, EVERY_MS);
  paint();
  return {
    show: (count) => {
      finished = count;
    },
    clear: () => {
      clearInterval(timer);
      stderr.write(CLEAR_LINE);
    },
  };
}

function isTerminal(output: Output, env: Streams['env']): boolean {
  return output.isTTY === true && env['TERM'] !== 'dumb';
}
