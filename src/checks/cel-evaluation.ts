import { type ASTNode, Environment, EvaluationError, type RootContext } from '@marcbachmann/cel-js';
import { type CelBody, sizeOf } from './cel-value.ts';
import { compilePattern, type Pattern } from './dialogue-pattern.ts';
import { words } from './talk.ts';
import type { Work } from './work.ts';

/** What the library evaluates with: every node of an expression comes by `run`. */
type Evaluator = {
  run(node: ASTNode, context: unknown): unknown;
  debugType(value: unknown): unknown;
  debugTypeDeep(value: unknown): unknown;
};
type Macro = { readonly expression: ASTNode };
type Checker = { check(node: ASTNode, context: unknown): unknown };

/** Units of work: for a node of the expression, a value that is compared, an error, what calendars say, and making a pattern. */
const NODE_WORK = 50;
const VALUE_WORK = 10;
const ERROR_WORK = 1500;
const CALENDAR_WORK = 20_000;
const PATTERN_WORK = 400_000;

/** Read from a text, which is short if it is one of these at all. */
const READ_FROM_TEXT = new Set(['int', 'uint', 'double', 'bool', 'timestamp', 'duration']);
const LONGEST_READ = 40;
/** Units for the cube of its length: that is how long the library takes to see that so many digits are no duration. */
const READ_WORK = 1 / 20;

const METERED = 'metered';
/** No name in an expression can be that. */
const WORK = 'the work';

/** Where expressions are read: `body` is what they know. */
export function celEnvironment(): Environment {
  return new Environment({
    // As cel-go: a list may have values of several types.
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 1000, maxDepth: 100 },
  })
    .registerVariable('body', 'map<string, dyn>')
    .registerFunction(`${METERED}(ast): dyn`, ({ args: [expression] }: { readonly args: readonly [ASTNode] }) => ({
      expression,
      typeCheck: (checker: Checker, macro: Macro, context: unknown) => checker.check(macro.expression, context),
      evaluate: (evaluator: Evaluator, macro: Macro, context: RootContext) =>
        new Metered(evaluator, context.getValue(WORK)).evaluator.run(macro.expression, context),
    }));
}

/** The expression as it is evaluated. It may end in a comment. */
export function metered(source: string): string {
  return `${METERED}(${source}\n)`;
}

/**
 * What the expression is for that body. Throws the library's errors, and what `work` throws: the library itself would look through lists
 * in lists for hours.
 */
export function evaluateCel(environment: Environment, source: string, body: CelBody, work: Work): unknown {
  try {
    const value: unknown = environment.evaluate(metered(source), { body, [WORK]: work });
    // The library takes errors for values that may not be needed.
    if (work.over === undefined) return value;
  } catch (error) {
    throw work.over ?? error;
  }
  throw work.over;
}

/** Pays for every step of an evaluation. */
class Metered {
  readonly evaluator: Evaluator;
  readonly #library: Evaluator;
  readonly #work: Work;
  readonly #values = new Map<ASTNode, unknown>();
  readonly #patterns = new Map<string, Pattern>();
  readonly #short = new Set<ASTNode>();
  #lastError: unknown;

  constructor(library: Evaluator, work: Work) {
    this.#library = library;
    this.#work = work;
    this.evaluator = Object.create(library);
    this.evaluator.run = (node, context) => this.#run(node, context);
    // The library keeps every type it has seen for ever: list<list<map<...>>>, whatever a server thinks of.
    this.evaluator.debugTypeDeep = (value) => library.debugType(value);
  }

  #run(node: ASTNode, context: unknown): unknown {
    this.#work.spend(NODE_WORK);
    this.#demandShort(node);
    try {
      const value = this.#search(node, context) ?? this.#library.run.call(this.evaluator, node, context);
      if (this.#short.has(node)) this.#payForReading(value);
      this.#values.set(node, value);
      this.#work.spend(this.#workOf(node));
      return value;
    } catch (error) {
      if (error !== this.#lastError) this.#work.spend(ERROR_WORK);
      this.#lastError = error;
      throw error;
    }
  }

  #demandShort(node: ASTNode): void {
    if (node.op === 'call' && READ_FROM_TEXT.has(node.args[0])) this.#short.add(node.args[1][0] ?? node);
    if (node.op === 'rcall' && node.args[0].startsWith('get')) this.#short.add(node.args[2][0] ?? node);
  }

  #payForReading(value: unknown): void {
    if (typeof value !== 'string') return;
    if (value.length > LONGEST_READ)
      throw new EvaluationError(`a text of ${value.length} characters is no number, time or duration`);
    this.#work.spend(value.length ** 3 * READ_WORK);
  }

  /** What looks for text in text is ours: the library's is not safe from hostile texts, and its patterns are those of JavaScript. */
  #search(node: ASTNode, context: unknown): boolean | undefined {
    if (node.op !== 'rcall' || node.args[2].length !== 1) return undefined;
    const [name, receiver, [argument]] = node.args;
    if ((name !== 'matches' && name !== 'contains') || argument === undefined) return undefined;
    const [text, sought] = [this.#run(receiver, context), this.#run(argument, context)];
    if (typeof text !== 'string' || typeof sought !== 'string')
      throw new EvaluationError(`${name}() is for strings`, node);
    if (name === 'matches') return this.#pattern(sought).isIn(Buffer.from(text), this.#work);
    this.#work.spend(text.length * (1 + sought.length / 64));
    return text.includes(sought);
  }

  #pattern(source: string): Pattern {
    const known = this.#patterns.get(source);
    if (known !== undefined) return known;
    this.#work.spend(PATTERN_WORK);
    const compiled = compilePattern(source);
    if (!compiled.ok) throw new EvaluationError(`${JSON.stringify(words(source))} ${compiled.problem}`);
    this.#patterns.set(source, compiled.value);
    return compiled.value;
  }

  /** What the node has done with the values of its operands. */
  #workOf(node: ASTNode): number {
    switch (node.op) {
      case '==':
      case '!=':
        return VALUE_WORK * this.#sharedSize(node.args);
      case 'in':
        return VALUE_WORK * this.#listSize(node.args[1]);
      case '+':
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.#lengthOf(node.args[0]) + this.#lengthOf(node.args[1]);
      case 'call':
        return node.args[1].reduce((sum, argument) => sum + this.#textLength(argument), 0);
      case 'rcall':
        return this.#callWork(node.args[0], node.args[1]);
      default:
        return 0;
    }
  }

  #callWork(name: string, receiver: ASTNode): number {
    if (name.startsWith('get')) return CALENDAR_WORK;
    const value = this.#values.get(receiver);
    // A macro looks through a list of the keys.
    return value instanceof Map && name !== 'size' ? value.size : this.#textLength(receiver);
  }

  /** Values are compared as long as they are alike. */
  #sharedSize([left, right]: readonly [ASTNode, ASTNode]): number {
    const [one, other] = [this.#values.get(left), this.#values.get(right)];
    return typeof one === typeof other ? Math.min(sizeOf(one), sizeOf(other)) : 1;
  }

  #listSize(node: ASTNode): number {
    const list = this.#values.get(node);
    return Array.isArray(list) ? sizeOf(list) : 1;
  }

  #lengthOf(node: ASTNode): number {
    const value = this.#values.get(node);
    return Array.isArray(value) ? value.length * VALUE_WORK : this.#textLength(node);
  }

  #textLength(node: ASTNode): number {
    const value = this.#values.get(node);
    return typeof value === 'string' || value instanceof Uint8Array ? value.length / 2 : 0;
  }
}
