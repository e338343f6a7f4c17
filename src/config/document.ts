import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import type { Finding, Locate, Place } from './problems.ts';
import { BINARY, toValue } from './value.ts';

/** A YAML text as plain values, with the way back from a path to its line and column. */
export type ReadText = {
  /** Undefined when the text is no YAML at all: then only `problems` count. */
  readonly value: unknown;
  readonly problems: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly locate: Locate;
};

const LONGEST_LINE = 500;
const START: Place = { line: 1, column: 1 };

/** Reads one YAML document. Never throws. Keys are text, numbers and booleans are as in YAML 1.2, merge keys (<<) work. */
export function readText(text: string): ReadText {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return line < 1 ? START : { line, column: col };
  };
  const found = (error: YAMLError): Finding => ({
    path: [],
    place: place(error.pos[0]),
    message: sentence(error, text),
  });
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      // Anything quieter also hides that there is a second document.
      logLevel: 'error',
      stringKeys: true,
      // Both judged in toValue: without comparing every key with every other, and with the path at hand.
      uniqueKeys: false,
      merge: false,
      // Whatever %YAML says: one meaning of plain words for everybody.
      schema: 'core',
      resolveKnownTags: false,
    });
    const locate = locator(document.contents, place);
    const warnings = document.warnings.filter((warning) => !isBinaryTag(warning)).map(found);
    if (document.errors.length > 0)
      return { value: undefined, problems: whole(document.errors).map(found), warnings, locate };
    const read = toValue(document.contents, place);
    return { ...read, warnings, locate };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // The parser descends by recursion; only a text made for it nests thousands deep.
    return { value: undefined, problems: [tooDeep], warnings: [], locate: () => START };
  }
}

const TOO_DEEP = 'is nested too deeply to be read';
const tooDeep: Finding = { path: [], place: START, message: TOO_DEEP };

/** The parser knows no tags; that one is read in toValue. */
function isBinaryTag({ code, message }: YAMLError): boolean {
  return code === 'TAG_RESOLVE_FAILED' && message.endsWith(BINARY);
}

/** After it has given up for lack of stack, what else it complains about is only the rest of the text. */
function whole(errors: readonly YAMLError[]): readonly YAMLError[] {
  const exhausted = errors.filter(({ code }) => code === 'RESOURCE_EXHAUSTION');
  return exhausted.length > 0 ? exhausted.slice(0, 1) : errors;
}

/** The parser's message as one line, in our words where its own speak to programmers. */
function sentence(error: YAMLError, text: string): string {
  if (error.code === 'RESOURCE_EXHAUSTION') return TOO_DEEP;
  if (error.code === 'MULTIPLE_DOCS')
    return 'a second document starts here: one file holds one configuration, remove the "---"';
  // Not which: it may be a password.
  if (error.code === 'TAG_RESOLVE_FAILED')
    return 'has a tag that is not known here: put a text that begins with "!" in quotes';
  if (error.code === 'NON_STRING_KEY') return 'a key must be plain text';
  if (error.code === 'TAB_AS_INDENT') return 'YAML is indented with spaces, not with tabs';
  return `is not YAML: ${error.message.replace(/\s+/g, ' ')}${bracketHint(text, error.pos[0])}`;
}

/** [::1]:22 without quotes is a list to YAML, and the most likely thing to go wrong in a list of addresses. */
function bracketHint(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).slice(0, LONGEST_LINE);
  const found = /^[^"'\n#]*?(\[[\da-f:.]*\](?::\d+)?)/i.exec(line)?.[1];
  return found?.includes(':') ? `: write an IPv6 address in quotes, "${found}"` : '';
}

function locator(root: Node | null, place: (offset: number) => Place): Locate {
  return (path, at) => {
    let offset = root?.range?.[0] ?? 0;
    let node: unknown = root;
    for (const [i, step] of path.entries()) {
      const next = child(node, step);
      if (next === undefined) break;
      const keyWanted = at === 'key' && i === path.length - 1;
      offset = start(keyWanted ? (next.key ?? next.value) : next.value) ?? start(next.key) ?? offset;
      node = next.value;
    }
    return place(offset);
  };
}

/** One step down. Aliases and merged keys are not followed: the place is where the file uses them. */
function child(node: unknown, step: string | number): { key?: unknown; value: unknown } | undefined {
  if (isMap(node)) return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  if (!isSeq(node) || typeof step !== 'number') return undefined;
  const value = node.items[step];
  return value === undefined ? undefined : { value };
}

function start(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
