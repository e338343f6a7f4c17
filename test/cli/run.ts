import { main } from '../../src/cli/main.ts';
import type { Output, Streams } from '../../src/cli/streams.ts';

export type Terminal = { readonly columns?: number; readonly isTTY: true };

/** What a terminal of that width is for the program. */
export function terminal(columns?: number): Terminal {
  return { isTTY: true, ...(columns === undefined ? {} : { columns }) };
}

export type Setup = {
  readonly stdin?: Streams['stdin'];
  readonly stdout?: Terminal;
  readonly stderr?: Terminal;
  readonly env?: Streams['env'];
};

/** Streams that keep what is written. */
export function capture({ stdin, stdout, stderr, env = {} }: Setup = {}) {
  const written = { stdout: '', stderr: '' };
  const keep = (name: 'stdout' | 'stderr', terminal: Terminal | undefined): Output => ({
    write: (text: string) => {
      written[name] += text;
    },
    ...terminal,
  });
  const streams: Streams = {
    ...(stdin && { stdin }),
    stdout: keep('stdout', stdout),
    stderr: keep('stderr', stderr),
    env,
  };
  return { streams, written };
}

/** Runs the program in this process. */
export async function run(argv: readonly string[], setup: Setup = {}) {
  const { streams, written } = capture(setup);
  const code = await main(argv, streams);
  return { code, ...written };
}
