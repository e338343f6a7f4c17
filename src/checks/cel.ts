import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import type { Parsed } from '../core/endpoint.ts';
import { celEnvironment, evaluateCel, metered } from './cel-evaluation.ts';
import type { CelBody } from './cel-value.ts';
import { compilePattern } from './dialogue-pattern.ts';
import { words } from './talk.ts';
import type { Work } from './work.ts';

const LONGEST = 5000;

/** What CEL has of its own, and macros. The library has more, but an expression should work in other programs too. */
const FUNCTIONS = new Set([
  ...['size', 'int', 'uint', 'double', 'string', 'bool', 'bytes', 'timestamp', 'duration', 'type', 'dyn'],
  ...['contains', 'startsWith', 'endsWith', 'matches'],
  ...['has', 'all', 'exists', 'exists_one', 'map', 'filter'],
  ...['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear'],
  ...['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'],
]);

/** An expression in CEL that says whether the JSON of a body will do: `body` is its name there. */
export class Cel {
  readonly source: string;
  readonly #environment: Environment;

  constructor(source: string, environment: Environment) {
    this.source = source;
    this.#environment = environment;
  }

  /** What it says of a body, or one sentence on why it says nothing. Throws what `work` throws. */
  evaluate(body: CelBody, work: Work): Parsed<boolean> {
    let value: unknown;
    try {
      value = evaluateCel(this.#environment, this.source, body, work);
    } catch (error) {
      if (error === work.over) throw error;
      return { ok: false, problem: complaint(error) };
    }
    return typeof value === 'boolean' ? { ok: true, value } : { ok: false, problem: 'it is neither true nor false' };
  }

  /** For keys and messages. */
  toJSON(): string {
    return this.source;
  }
}

/** The expression, or one sentence on what is wrong with it. */
export function compileCel(source: string): Parsed<Cel> {
  if (source.length > LONGEST)
    return { ok: false, problem: `must be at most ${LONGEST} characters long, not ${source.length}` };
  const environment = celEnvironment();
  try {
    const parsed = environment.parse(source);
    // It must be small enough for that too.
    environment.parse(metered(source));
    const { error, type } = parsed.check();
    const problem = error === undefined ? typeProblem(type) : complaint(error);
    const unfit = callProblem(parsed.ast) ?? problem;
    return unfit === undefined
      ? { ok: true, value: new Cel(source, environment) }
      : { ok: false, problem: `is no CEL expression that can be used: ${unfit}` };
  } catch (error) {
    return { ok: false, problem: `is no CEL expression: ${complaint(error)}` };
  }
}

/** The first call that would not do, with its operands. */
function callProblem(node: ASTNode): string | undefined {
  const [name, operands] = partsOf(node);
  if (name !== undefined && !FUNCTIONS.has(name)) return `CEL has no function ${words(name)}()`;
  return literalProblem(node) ?? operands.map(callProblem).find((problem) => problem !== undefined);
}

function literalProblem(node: ASTNode): string | undefined {
  if (node.op !== 'rcall' || node.args[0] !== 'matches') return undefined;
  const [pattern] = node.args[2];
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return undefined;
  const compiled = compilePattern(pattern.args);
  return compiled.ok ? undefined : `${JSON.stringify(words(pattern.args))} ${compiled.problem}`;
}

/** The function that a node calls, and all nodes below it. */
function partsOf(node: ASTNode): readonly [name: string | undefined, operands: readonly ASTNode[]] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [undefined, []];
    case '.':
    case '.?':
      return [undefined, [node.args[0]]];
    case '!_':
    case '-_':
      return [undefined, [node.args]];
    case 'call':
      return [node.args[0], node.args[1]];
    case 'rcall':
      return [node.args[0], [node.args[1], ...node.args[2]]];
    case 'map':
      return [undefined, node.args.flat()];
    default:
      return [undefined, node.args];
  }
}

function typeProblem(type: string | undefined): string | undefined {
  return type === 'bool' || type?.startsWith('dyn') ? undefined : `it must be true or false, and is of type ${type}`;
}

/** The library's own words, without the picture of the place that follows them. */
function complaint(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  const { summary, message } = error as { readonly summary?: string; readonly message?: string };
  const plain = words(summary ?? message ?? String(error)).replace(/\b(list|map)<dyn(?:, dyn)?>/g, '$1');
  return plain.replace(/\bdyn<(\w+)>/g, '$1');
}
