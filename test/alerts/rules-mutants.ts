import { parse } from 'yaml';

export type Rule = {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  keep_firing_for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
};
export type RuleFile = { groups: { name: string; interval: string; rules: Rule[] }[] };

/** The rules with one change that matters. */
export type Mutant = { readonly what: string; readonly group: string; readonly rule: string; readonly rules: RuleFile };

type Change = readonly [what: string, changed: Rule];

export function readRules(text: string): RuleFile {
  return parse(text, { maxAliasCount: -1 }) as RuleFile;
}

/** Every mutant of every rule. */
export function mutants(text: string): Mutant[] {
  const { groups } = readRules(text);
  return groups.flatMap((group, g) =>
    group.rules.flatMap((rule, r) =>
      changesOf(rule).map(([what, changed]) => {
        const name = nameOf(rule);
        const changedGroups = groups.map((old, i) =>
          i === g ? { ...old, rules: old.rules.map((kept, j) => (j === r ? changed : kept)) } : old,
        );
        return { what: `${name}: ${what}`, group: group.name, rule: name, rules: { groups: changedGroups } };
      }),
    ),
  );
}

/** The name of a rule and what tells it from others of that name. */
export function nameOf({ record, alert, labels }: Rule): string {
  const { severity = '', kind } = labels ?? {};
  const told = kind ?? (severity.includes('{{') ? '' : severity);
  return record ?? `${alert}${told && ` ${told}`}`;
}

function changesOf(rule: Rule): Change[] {
  const changes: Change[] = [
    ...replaced(rule.expr, /(?<![=!<>])(==|>=|<=|<|>)(?![=~])/g, (operator) => FLIPPED[operator] ?? operator),
    ...replaced(
      rule.expr,
      /(?<=[<>]=? (?:bool )?)\d+(?:\.\d+)?(?![\d.]*\s*\*)/g,
      (number) => `${Number(number) * 2 + 1}`,
    ),
    ...replaced(
      rule.expr,
      /\b(min|max|avg) (?=by|without)/g,
      (operator) => `${{ min: 'max', max: 'min' }[operator.trim()] ?? 'max'} `,
    ),
    ...withoutOperands(rule.expr),
    ...withoutGroupingLabels(rule.expr),
  ].map(([what, expr]) => [what, { ...rule, expr }]);
  for (const key of ['for', 'keep_firing_for'] as const) {
    const { [key]: removed, ...rest } = rule;
    if (removed !== undefined) changes.push([`without ${key}`, rest]);
  }
  for (const label of Object.keys(rule.labels ?? {})) {
    const { [label]: removed, ...labels } = rule.labels ?? {};
    if (removed !== undefined) changes.push([`without label ${label}`, { ...rule, labels }]);
  }
  return [...changes, ...annotationChanges(rule)];
}

/** Other answers to what annotations ask Prometheus: the opposite of a comparison, or the series of another way of scraping. */
function annotationChanges(rule: Rule): Change[] {
  return Object.entries(rule.annotations ?? {}).flatMap(([name, text]) =>
    [
      ...replaced(text, /==(?= 0)/g, () => '!='),
      ...replaced(text, /\$(?:one|bare)(?=[ )])(?! :=)/g, (selector) => (selector === '$one' ? '$bare' : '$one')),
    ].map(
      ([what, changed]): Change => [
        `annotation ${name}, ${what}`,
        { ...rule, annotations: { ...rule.annotations, [name]: changed } },
      ],
    ),
  );
}

const FLIPPED: Readonly<Record<string, string>> = { '==': '!=', '>=': '<', '<=': '>', '<': '>=', '>': '<=' };

function replaced(expr: string, pattern: RegExp, by: (found: string) => string): [string, string][] {
  return Array.from(expr.matchAll(pattern), (match) => {
    const [found] = match;
    const changed = by(found);
    const before = expr.slice(0, match.index);
    return [
      `${found.trim()} to ${changed.trim()} at ${match.index}`,
      before + changed + expr.slice(match.index + found.length),
    ];
  });
}

/** The expression without one operand of `or`, `and` or `unless`, for each of them. */
function withoutOperands(expr: string): [string, string][] {
  const operators = Array.from(expr.matchAll(/\b(or|and|unless)\b/g));
  return operators.flatMap(({ 0: operator, index }): [string, string][] => {
    const end = endOfOperand(expr, index + operator.length, operator === 'or' ? ['or'] : ['or', 'and', 'unless']);
    const right: [string, string] = [
      `without "${short(expr.slice(index, end))}" at ${index}`,
      expr.slice(0, index) + expr.slice(end),
    ];
    if (operator !== 'or') return [right];
    const start = startOfOperand(expr, index);
    const left = expr.slice(0, start) + expr.slice(index + operator.length);
    return [right, [`without "${short(expr.slice(start, index + operator.length))}" at ${index}`, left]];
  });
}

/** Where the operand ends that begins at `from`: at an operator that binds no tighter, or where its parenthesis or argument closes. */
function endOfOperand(expr: string, from: number, operators: readonly string[]): number {
  let depth = 0;
  for (const { text, at } of tokens(expr.slice(from))) {
    depth += depthOf(text);
    if (depth < 0 || (depth === 0 && (text === ',' || operators.includes(text)))) return from + at;
  }
  return expr.length;
}

function startOfOperand(expr: string, until: number): number {
  let depth = 0;
  for (const { text, at } of tokens(expr.slice(0, until)).reverse()) {
    depth -= depthOf(text);
    if (depth < 0 || (depth === 0 && (text === ',' || text === 'or'))) return at + text.length;
  }
  return 0;
}

function depthOf(token: string): number {
  if ('({['.includes(token)) return 1;
  return ')}]'.includes(token) ? -1 : 0;
}

function tokens(expr: string): { text: string; at: number }[] {
  return Array.from(expr.matchAll(/"(?:[^"\\]|\\.)*"|[\w:]+|[^\s]/g), (match) => ({ text: match[0], at: match.index }));
}

/**
 * The expression with one label less in `by`, `without`, `on` or `ignoring`. Not `job`: all series that the
 * rules read have the same one. Not `target` beside `name`: names are unique.
 */
function withoutGroupingLabels(expr: string): [string, string][] {
  return Array.from(expr.matchAll(/\b(by|without|on|ignoring) \(([^)]*)\)/g)).flatMap((match): [string, string][] => {
    const [whole, how = '', list = ''] = match;
    const labels = list.split(/,\s*/);
    if (labels.length < 2) return [];
    return labels
      .filter((label) => label !== 'job' && !(label === 'target' && labels.includes('name')))
      .map((label) => {
        const fewer = `${how} (${labels.filter((other) => other !== label).join(', ')})`;
        return [
          `${how} without ${label} at ${match.index}`,
          expr.slice(0, match.index) + fewer + expr.slice(match.index + whole.length),
        ];
      });
  });
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 90 ? `${line.slice(0, 60)} ... ${line.slice(-25)}` : line;
}
