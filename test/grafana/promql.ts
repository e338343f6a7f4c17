import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

type Matcher = { readonly label: string; readonly operator: string; readonly value: string };

/** One selector of an expression, with the function it stands in and the window of that. */
export type Selector = {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  readonly range: string | undefined;
  readonly atEnd: boolean;
  readonly within: string | undefined;
};

export type Parsed = {
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
  /** Labels in by, on and the like. */
  readonly grouping: readonly string[];
  /** Labels that label_replace and label_join make. */
  readonly made: readonly string[];
  /** Labels that they are made of. */
  readonly read: readonly string[];
};

/** The structure of an expression. Grafana's $__range and the like must be replaced before: PromQL has no such durations. */
export function parsePromql(expression: string): Parsed {
  const errors: string[] = [];
  const selectors: Selector[] = [];
  const grouping: string[] = [];
  const made: string[] = [];
  const read: string[] = [];
  const textOf = ({ from, to }: { readonly from: number; readonly to: number }) => expression.slice(from, to);
  parser.parse(expression).iterate({
    enter: ({ name, type, from, to, node }) => {
      if (type.isError) errors.push(`not PromQL: ${expression.slice(Math.max(0, from - 20), to + 20)}`);
      if (name === 'VectorSelector') selectors.push(selector(node, textOf));
      if (name === 'FunctionCall') relabelling(node, textOf, made, read);
      if (name === 'LabelName' && node.parent?.name === 'GroupingLabels') grouping.push(textOf(node));
    },
  });
  return { errors, selectors, grouping, made, read };
}

function relabelling(node: SyntaxNode, textOf: (node: SyntaxNode) => string, made: string[], read: string[]): void {
  const called = node.getChild('FunctionIdentifier');
  const name = called === null ? '' : textOf(called);
  if (name !== 'label_replace' && name !== 'label_join') return;
  const strings = (node.getChild('FunctionCallBody')?.getChildren('StringLiteral') ?? []).map((one) =>
    textOf(one).slice(1, -1),
  );
  const [to = '', , ...from] = strings;
  made.push(to);
  read.push(...(name === 'label_join' ? from : from.slice(0, 1)).filter((label) => label !== ''));
}

function selector(node: SyntaxNode, textOf: (node: SyntaxNode) => string): Selector {
  const identifier = node.getChild('Identifier');
  const matchers: Matcher[] = [];
  node.cursor().iterate((cursor) => {
    if (cursor.name !== 'UnquotedLabelMatcher') return;
    const [, label = '', operator = '', value = ''] =
      /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/s.exec(textOf(cursor.node)) ?? [];
    matchers.push({ label, operator, value });
  });
  let range: string | undefined;
  let atEnd = false;
  for (let up = node.parent; up !== null; up = up.parent) {
    if (up.name === 'MatrixSelector') range ??= /\[(\w+)\]/.exec(textOf(up))?.[1];
    if (up.name === 'StepInvariantExpr') atEnd ||= /@\s*end\(\)$/.test(textOf(up));
    if (up.name !== 'FunctionCall') continue;
    const called = up.getChild('FunctionIdentifier');
    const within = called === null ? undefined : textOf(called);
    return { metric: identifier === null ? '' : textOf(identifier), matchers, range, atEnd, within };
  }
  return { metric: identifier === null ? '' : textOf(identifier), matchers, range, atEnd, within: undefined };
}
