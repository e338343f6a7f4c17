import type { Flag, FlagTable } from './flag.ts';
import { COMMON_FLAGS } from './parse.ts';
import { wrap } from './text.ts';

/** What help says of a command. */
export type Manual = {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What may follow the flags, such as <address>...; absent when nothing may. */
  readonly operands?: string;
  /** What to do instead of writing something after the flags. */
  readonly instead?: string;
  readonly flags: FlagTable;
  /** What each exit code means. */
  readonly exits: Readonly<Record<number, string>>;
};

const COLUMNS = 100;
/** Flags longer than this have their text on the next line, so that the others are not pushed to the right. */
const FLAG_COLUMN = 38;

/** The help of one command. */
export function commandHelp(manual: Manual): string {
  const usage = ['usage: port-exporter', manual.name, '[flags]', manual.operands].filter((word) => word !== undefined);
  return lines(usage.join(' '), '', ...wrap(manual.summary, COLUMNS), '', ...flagsAndExits(manual));
}

/** The help of the program: its commands, and the flags of the one that runs when none is named. */
export function programHelp(manuals: readonly Manual[], byDefault: Manual): string {
  const commands = manuals.flatMap(({ name, operands, summary }) => {
    const note = name === byDefault.name ? ' This is the default command.' : '';
    return entry(`  ${name}${operands === undefined ? '' : ` ${operands}`}`, `${summary}${note}`, 24);
  });
  return lines(
    'usage: port-exporter [command] [flags]',
    '',
    'Tells which TCP port is down, why, and since when, to Prometheus and on the command line.',
    '',
    'Commands:',
    ...commands,
    '',
    'port-exporter COMMAND --help shows the flags of a command.',
    '',
    `Without a command (${byDefault.name}):`,
    '',
    ...flagsAndExits(byDefault),
  );
}

function flagsAndExits({ flags, exits }: Manual): string[] {
  const own = Object.entries(flags).map(([name, flag]) => [`      ${usageOf(name, flag)}`, sentence(flag)] as const);
  const common = Object.entries(COMMON_FLAGS).map(
    ([name, help]) => [`${name === 'help' ? '  -h, ' : '      '}--${name}`, help] as const,
  );
  const all = [...own, ...common];
  const column = Math.min(FLAG_COLUMN, Math.max(...all.map(([flag]) => flag.length + 2)));
  return [
    'Flags:',
    ...all.flatMap(([flag, help]) => entry(flag, help, column)),
    '',
    'Exit codes:',
    ...Object.entries(exits).flatMap(([code, meaning]) => entry(`  ${code}`, meaning, 5)),
  ];
}

/** A flag as it is written: --config.file=FILE. */
function usageOf(name: string, { form, repeatable }: Flag<unknown>): string {
  return `--${name}${form === undefined ? '' : `=${form}`}${repeatable ? ' ...' : ''}`;
}

function sentence({ help, defaultText, repeatable }: Flag<unknown>): string {
  const notes = [
    ...(repeatable ? ['may be given several times'] : []),
    ...(defaultText === undefined ? [] : [`default ${defaultText}`]),
  ];
  return notes.length === 0 ? help : `${help} (${notes.join('; ')})`;
}

function entry(head: string, text: string, column: number): string[] {
  const [first = '', ...rest] = wrap(text, COLUMNS - column);
  const indented = rest.map((line) => ' '.repeat(column) + line);
  return head.length + 2 > column
    ? [head, ' '.repeat(column) + first, ...indented]
    : [head.padEnd(column) + first, ...indented];
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}
