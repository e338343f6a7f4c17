/** Plain data as YAML. Only what a configuration is made of, because the package takes seconds where this takes milliseconds. */
export type Tree = string | number | boolean | readonly Tree[] | { readonly [key: string]: Tree };

/** Words that YAML reads as something else than text, in version 1.1 or 1.2. */
const NOT_TEXT = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf|e\d+)$/i;

/** The tree as block YAML; texts are quoted as in JSON, which is YAML, unless they are plain words. */
export function writeYaml(tree: Tree): string {
  const lines: string[] = [];
  write(tree, '', '', lines);
  return `${lines.join('\n')}\n`;
}

/** Writes `tree` behind `lead`, which ends in a key or a dash, or is empty; what does not fit there goes on the next lines. */
function write(tree: Tree, lead: string, indent: string, lines: string[]): void {
  if (typeof tree !== 'object') lines.push(lead + scalar(tree));
  else if (Object.keys(tree).length === 0) lines.push(lead + (isList(tree) ? '[]' : '{}'));
  else if (isList(tree)) {
    if (lead !== '') lines.push(lead.trimEnd());
    for (const item of tree) write(item, `${indent}- `, `${indent}  `, lines);
  } else writeMapping(tree, lead, indent, lines);
}

function writeMapping(tree: { readonly [key: string]: Tree }, lead: string, indent: string, lines: string[]): void {
  // A mapping in a list starts on the line of its dash, one under a key on the next.
  const inList = lead.endsWith('- ');
  if (lead !== '' && !inList) lines.push(lead.trimEnd());
  let start = inList ? lead : indent;
  for (const [key, value] of Object.entries(tree)) {
    write(value, `${start}${scalar(key)}: `, `${indent}  `, lines);
    start = indent;
  }
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}

/** Words, host:port, durations and IPv4 addresses with a port: nothing that could be taken for a number or a time. */
const PLAIN = /^(?:[a-z_][\w./-]*(?::\d+)?|(?:\d+(?:ms|[smhdwy]))+|\d+\.\d+\.\d+\.\d+:\d+)$/i;

function scalar(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return PLAIN.test(value) && !NOT_TEXT.test(value) ? value : JSON.stringify(value);
}
