import { type Matcher, RE2JS, RE2JSSyntaxException } from 're2js';
import type { Parsed } from '../core/endpoint.ts';
import type { Work } from './work.ts';

/** Longer ones are no patterns for a line of a dialogue. */
const LONGEST_PATTERN = 2000;
/** Instructions; `.{0,1000}` has two thousand. */
const LARGEST_PROGRAM = 2500;

/** What a pattern found in a line. */
export type Match = {
  /** Puts what the groups matched in the place of $1, ${1}, $name and ${name}; $$ is a dollar sign. Source: Go, regexp.Expand. */
  readonly expand: (template: string) => Buffer;
};

/** A regular expression in RE2's syntax, which takes time in proportion to the line whatever is in both. */
export class Pattern {
  readonly source: string;
  readonly #regex: RE2JS;
  #meter: Meter | undefined;

  constructor(source: string, regex: RE2JS) {
    this.source = source;
    this.#regex = regex;
  }

  /** How much work one byte of a line is, at most: instructions. */
  get cost(): number {
    return this.#regex.programSize();
  }

  /** Looks for it anywhere in the line. Bytes that are no UTF-8 are characters of one byte each, as Go has it. */
  find(line: Uint8Array): Match | undefined {
    const matcher = this.#regex.matcher(line);
    if (!matcher.find()) return undefined;
    const names = this.#regex.namedGroups();
    return { expand: (template) => expand(template, (name) => groupOf(matcher, names, name, line)) };
  }

  /**
   * Whether it is anywhere in a text, which may be long: a hundred times as fast as `find`, as no groups are asked for. Throws what `work`
   * throws when the text makes it slow.
   */
  isIn(text: Uint8Array, work: Work): boolean {
    this.#meter ??= meterOf(this.#regex);
    this.#meter.work = work;
    try {
      work.spend(text.length + 1);
      return this.#regex.test(text);
    } finally {
      this.#meter.work = undefined;
    }
  }

  /** For keys and messages. */
  toJSON(): string {
    return this.source;
  }
}

/** Units of work for a state that the automaton has not been in, and for each of its instructions. */
const STATE_WORK = 150;
const INSTRUCTION_WORK = 13;

/** What pays for what the engine does just now. */
type Meter = { work: Work | undefined };

/**
 * Has the engine pay for what may be slow in it: states of the automaton that are new (a text can make every byte a new one), and looking
 * without the automaton once there are too many. Bytes that lead from a known state to a known one cost next to nothing.
 */
function meterOf(regex: RE2JS): Meter {
  const meter: Meter = { work: undefined };
  const engine = regex.re2();
  const { dfa } = engine;
  const makeState = dfa.makeState.bind(dfa);
  dfa.makeState = (...state) => {
    const made = makeState(...state);
    meter.work?.spend(STATE_WORK + INSTRUCTION_WORK * (made?.nfaStates.length ?? 0));
    return made;
  };
  const withoutAutomaton = engine.doExecuteNFA.bind(engine);
  engine.doExecuteNFA = (input, ...how) => {
    meter.work?.spend(input.endPos() * regex.programSize());
    return withoutAutomaton(input, ...how);
  };
  return meter;
}

/** The pattern, or one sentence on what is wrong with it. */
export function compilePattern(source: string): Parsed<Pattern> {
  if (source.length > LONGEST_PATTERN)
    return { ok: false, problem: `must be at most ${LONGEST_PATTERN} characters long, not ${source.length}` };
  try {
    const pattern = new Pattern(source, RE2JS.compile(source));
    if (pattern.cost <= LARGEST_PROGRAM) return { ok: true, value: pattern };
    return { ok: false, problem: 'is too large a regular expression: use smaller counts in its repetitions' };
  } catch (error) {
    return { ok: false, problem: `is no regular expression (RE2): ${complaint(error)}` };
  }
}

function complaint(error: unknown): string {
  if (!(error instanceof RE2JSSyntaxException)) return 'it is nested too deeply';
  const where = error.getPattern();
  return where === null || where === ''
    ? error.getDescription()
    : `${error.getDescription()} in ${JSON.stringify(where)}`;
}

const NO_BYTES = Buffer.alloc(0);

function groupOf(
  matcher: Matcher,
  names: Readonly<Record<string, number>>,
  name: string,
  line: Uint8Array,
): Uint8Array {
  const group = /^(?:0|[1-9]\d{0,7})$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined;
  if (group === undefined || group > matcher.groupCount()) return NO_BYTES;
  const from = matcher.start(group);
  return from < 0 ? NO_BYTES : line.subarray(from, matcher.end(group));
}

const REFERENCE = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu;

function expand(template: string, group: (name: string) => Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const found of template.matchAll(REFERENCE)) {
    const [whole, dollar, braced, bare] = found;
    parts.push(Buffer.from(template.slice(from, found.index)));
    parts.push(dollar === undefined ? group(braced ?? bare ?? '') : Buffer.from('$'));
    from = found.index + whole.length;
  }
  parts.push(Buffer.from(template.slice(from)));
  return Buffer.concat(parts);
}
