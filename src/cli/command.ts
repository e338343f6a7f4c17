import type { FlagTable, Settings } from './flag.ts';
import { show } from './flag.ts';
import { commandHelp, type Manual } from './help.ts';
import { parseCommandLine } from './parse.ts';
import type { Streams } from './streams.ts';
import { version } from './version.ts';

/** The exit code of a command line, or a configuration, that cannot be used. */
export const EXIT_USAGE = 2;

/** The exit code when the program itself fails: not 1, which says that a target is down. */
export const EXIT_FAILED = 3;

/** A command: what help says of it, and how it runs. */
export type Command = Manual & {
  /** Runs with the arguments that follow its name; the result is the exit code. */
  readonly start: (args: readonly string[], streams: Streams) => Promise<number>;
};

type Run<Table extends FlagTable> = (
  settings: Settings<Table>,
  streams: Streams,
  operands: readonly string[],
) => Promise<number>;

/** A command of a manual whose flags have that type, and the function that gets their values. */
export function command<Table extends FlagTable>(manual: Manual & { readonly flags: Table }, run: Run<Table>): Command {
  const start = async (args: readonly string[], streams: Streams): Promise<number> => {
    const line = parseCommandLine(manual.flags, args);
    if (line.kind === 'help') return say(streams, commandHelp(manual));
    if (line.kind === 'version') return sayVersion(streams);
    if (line.kind === 'wrong') return refuse(streams, manual.name, line.problem);
    const [extra] = line.operands;
    if (extra !== undefined && manual.operands === undefined)
      return refuse(streams, manual.name, `unexpected argument ${show(extra)}${hint(manual)}`);
    if (extra === undefined && manual.operands !== undefined)
      return refuse(streams, manual.name, `${manual.operands} is missing`);
    return run(line.settings, streams, line.operands);
  };
  return { ...manual, start };
}

function hint({ instead }: Manual): string {
  return instead === undefined ? '' : `: ${instead}`;
}

/** Refuses a command line: one line on stderr. */
export function refuse(streams: Streams, name: string, problem: string): number {
  const who = name === '' ? 'port-exporter' : `port-exporter ${name}`;
  streams.stderr.write(`${who}: ${problem} (try ${who} --help)\n`);
  return EXIT_USAGE;
}

export function say(streams: Streams, text: string): number {
  streams.stdout.write(text);
  return 0;
}

function sayVersion(streams: Streams): number {
  const { platform, arch, versions } = process;
  return say(streams, `port-exporter ${version()} (Node.js ${versions.node}, ${platform} ${arch})\n`);
}
