import { ProbeFailure } from '../core/reason.ts';
import type { Cel } from './cel.ts';
import { readCelBody } from './cel-value.ts';
import type { Pattern } from './dialogue-pattern.ts';
import type { HeaderRule, HttpOptions } from './http-options.ts';
import { quote } from './talk.ts';
import type { Work } from './work.ts';

/** All values of the headers of an answer, by name in lower case. */
export type HttpHeaders = ReadonlyMap<string, readonly string[]>;

/** What is wrong with an answer, in one sentence, and what kind of rule says so. */
export type Mismatch = { readonly kind: 'regex' | 'keyword' | 'cel'; readonly problem: string };

type HeaderRules = Pick<HttpOptions, 'headerMatches' | 'headerNotMatches'>;
type BodyRules = Pick<
  HttpOptions,
  'bodyMatches' | 'bodyNotMatches' | 'contains' | 'lacks' | 'celMatches' | 'celNotMatches'
>;

/** The most bytes of a body that rules look at: what is kept of it. How long they look is limited by `Work`. */
export const LONGEST_JUDGED = 4 * 1024 * 1024;

/** Whether anything must be known of the body but its length. */
export function looksAtBody(rules: BodyRules): boolean {
  const { bodyMatches, bodyNotMatches, contains, lacks, celMatches, celNotMatches } = rules;
  const isAny = [bodyMatches, bodyNotMatches, contains, lacks].some((list) => list.length > 0);
  return isAny || celMatches !== undefined || celNotMatches !== undefined;
}

/** What the headers do not fulfil, if anything. Throws what `work` throws. */
export function judgeHeaders(headers: HttpHeaders, rules: HeaderRules, work: Work): Mismatch | undefined {
  const problem =
    firstProblem(rules.headerMatches, (rule) => headerProblem(headers, rule, true, work)) ??
    firstProblem(rules.headerNotMatches, (rule) => headerProblem(headers, rule, false, work));
  return problem === undefined ? undefined : { kind: 'regex', problem };
}

function headerProblem(headers: HttpHeaders, rule: HeaderRule, isUnwanted: boolean, work: Work): string | undefined {
  const values = headers.get(rule.header.toLowerCase()) ?? [];
  const name = quote(rule.header);
  if (values.length === 0) return rule.allowMissing ? undefined : `the answer has no header ${name}`;
  const match = values.find((value) => rule.pattern.isIn(Buffer.from(value, 'latin1'), work));
  if (isUnwanted) return match && `the header ${name} is ${quote(match)}, which matches ${shown(rule.pattern)}`;
  if (match !== undefined) return undefined;
  return `the header ${name} is ${quote(values[0] ?? '')}, which does not match ${shown(rule.pattern)}`;
}

/**
 * What the body does not fulfil, if anything. `length` is that of all of it, `kept` its first bytes. Throws ProbeFailure
 * (unexpected_response) when it is longer than what is looked at, and what `work` throws.
 */
export function judgeBody(
  { kept, length }: { readonly kept: Buffer; readonly length: number },
  rules: BodyRules,
  work: Work,
): Mismatch | undefined {
  if (!looksAtBody(rules)) return undefined;
  if (length > kept.length)
    throw new ProbeFailure(
      'unexpected_response',
      `the body is longer than the ${kept.length} bytes that are looked at`,
    );
  return judgePatterns(kept, rules, work) ?? judgeKeywords(kept, rules, work) ?? judgeJson(kept, rules, work);
}

function judgePatterns(body: Buffer, { bodyMatches, bodyNotMatches }: BodyRules, work: Work): Mismatch | undefined {
  const problem =
    firstProblem(bodyMatches, (one) => (one.isIn(body, work) ? `the body matches ${shown(one)}` : undefined)) ??
    firstProblem(bodyNotMatches, (one) => (one.isIn(body, work) ? undefined : `the body does not match ${shown(one)}`));
  return problem === undefined ? undefined : { kind: 'regex', problem };
}

function judgeKeywords(body: Buffer, { contains, lacks }: BodyRules, work: Work): Mismatch | undefined {
  const problem =
    firstProblem(contains, (word) =>
      has(body, word, work) ? undefined : `the body does not contain ${quote(word)}`,
    ) ?? firstProblem(lacks, (word) => (has(body, word, work) ? `the body contains ${quote(word)}` : undefined));
  return problem === undefined ? undefined : { kind: 'keyword', problem };
}

/** A long word that nearly comes again and again is slow: 0.15 ns for each pair of bytes. */
function has(body: Buffer, word: string, work: Work): boolean {
  work.spend(body.length * (1 + word.length / 64));
  return body.includes(word);
}

function judgeJson(body: Buffer, { celMatches, celNotMatches }: BodyRules, work: Work): Mismatch | undefined {
  if (celMatches === undefined && celNotMatches === undefined) return undefined;
  const json = readCelBody(body, work);
  const judge = (cel: Cel | undefined, unwanted: boolean): string | undefined => {
    if (cel === undefined || !json.ok) return undefined;
    const result = cel.evaluate(json.value, work);
    if (!result.ok) return `the CEL expression ${quote(cel.source)} cannot be told of the body: ${result.problem}`;
    return result.value === unwanted
      ? `the body ${unwanted ? 'satisfies' : 'does not satisfy'} the CEL expression ${quote(cel.source)}`
      : undefined;
  };
  const problem = json.ok ? (judge(celMatches, true) ?? judge(celNotMatches, false)) : json.problem;
  return problem === undefined ? undefined : { kind: 'cel', problem };
}

function firstProblem<Rule>(rules: readonly Rule[], problemOf: (rule: Rule) => string | undefined): string | undefined {
  for (const rule of rules) {
    const problem = problemOf(rule);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function shown({ source }: Pattern): string {
  return quote(source);
}
