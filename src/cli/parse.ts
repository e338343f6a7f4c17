import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { type FlagTable, type Settings, show } from './flag.ts';

/** What a command line asks for, or the first thing wrong with it as one line. */
export type CommandLine<Table extends FlagTable> =
  | { readonly kind: 'run'; readonly settings: Settings<Table>; readonly operands: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly problem: string };

/** The flags that every command has besides its own. */
export const COMMON_FLAGS = {
  help: 'Show this help and exit.',
  version: 'Show the version and exit.',
} as const;

type Wrong = { readonly kind: 'wrong'; readonly problem: string };
type OptionToken = {
  readonly kind: 'option';
  readonly index: number;
  readonly name: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
};

/** Reads the arguments of one command. parseArgs takes them apart, the table says what they mean: its own messages span lines. */
export function parseCommandLine<Table extends FlagTable>(table: Table, args: readonly string[]): CommandLine<Table> {
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: parserOptions(table),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options = tokens.filter((token): token is typeof token & OptionToken => token.kind === 'option');
  const asked = options.find(({ name }) => Object.hasOwn(COMMON_FLAGS, name));
  if (asked !== undefined) return { kind: asked.name as keyof typeof COMMON_FLAGS };
  const given = new Map<string, string[]>();
  for (const option of options) {
    const problem = complaint(option, table, given, args);
    if (problem !== undefined) return wrong(problem);
    given.set(option.name, [...(given.get(option.name) ?? []), option.value ?? '']);
  }
  const settings = readSettings(table, given);
  return settings.kind === 'wrong' ? settings : { ...settings, operands: positionals };
}

function parserOptions(table: FlagTable) {
  const flags = Object.entries(table).map(
    ([name, { form }]) => [name, { type: form === undefined ? ('boolean' as const) : ('string' as const) }] as const,
  );
  return {
    ...Object.fromEntries(flags),
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean' },
  } as const;
}

function complaint(
  option: OptionToken,
  table: FlagTable,
  given: ReadonlyMap<string, unknown>,
  args: readonly string[],
): string | undefined {
  const flag = Object.hasOwn(table, option.name) ? table[option.name] : undefined;
  if (flag === undefined) return unknownFlag(args[option.index] ?? '', Object.keys(table));
  const written = `--${option.name}`;
  if (given.has(option.name) && flag.repeatable === undefined) return `${written} is given twice`;
  if (flag.form === undefined) return option.value === undefined ? undefined : `${written} takes no value`;
  const next = option.inlineValue === false && (option.value ?? '').startsWith('-');
  return next || !option.value ? `${written} needs a value: ${written}=${flag.form}` : undefined;
}

function unknownFlag(written: string, names: readonly string[]): string {
  const flag = written.replace(/=.*/s, '');
  const word = flag.replace(/^-+/, '');
  const all = [...names, ...Object.keys(COMMON_FLAGS)];
  const meant = nearest(word, all) ?? (word.length > 2 ? all.find((name) => name.includes(word)) : undefined);
  const shown = /^[\w.-]{1,80}$/.test(flag) ? flag : show(flag);
  return `unknown flag ${shown}${meant === undefined ? '' : `: did you mean --${meant}?`}`;
}

function readSettings<Table extends FlagTable>(
  table: Table,
  given: ReadonlyMap<string, readonly string[]>,
): { readonly kind: 'run'; readonly settings: Settings<Table> } | Wrong {
  const settings: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) {
    const result = flag.read(given.get(name) ?? []);
    if (!result.ok) return wrong(`--${name} ${result.problem}`);
    settings[name] = result.value;
  }
  return { kind: 'run', settings: settings as Settings<Table> };
}

function wrong(problem: string): Wrong {
  return { kind: 'wrong', problem };
}
