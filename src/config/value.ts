import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Path } from './path.ts';
import type { Finding, Place, Report } from './problems.ts';
import { show } from './wording.ts';

/** Ten thousand targets with every key are a quarter of this; aliases of aliases reach it within a few lines. */
const MOST_VALUES = 1_000_000;

/** The only tag that is known: blackbox_exporter's examples write the bytes to send with it. */
export const BINARY = 'tag:yaml.org,2002:binary';

type Converted = { readonly value: unknown; readonly size: number };

type Conversion = {
  /** What each anchor means from here on: YAML lets a later anchor take over a name. Undefined while its own content is being read. */
  readonly anchors: Map<string, Converted | undefined>;
  readonly report: Report;
  readonly place: (offset: number) => Place;
};

/**
 * YAML nodes as plain values. Instead of the package's own toJS because that one allows an anchor only a hundred uses, looks for the
 * anchor of each alias through the whole document, and does not say where a key is repeated.
 */
export function toValue(root: Node | null, place: Conversion['place']): { value: unknown; problems: Finding[] } {
  const problems: Finding[] = [];
  const state: Conversion = { anchors: new Map(), report: (finding) => problems.push(finding), place };
  const { value, size } = convert(root, [], state);
  if (size <= MOST_VALUES) return { value, problems };
  const message = `comes to more than ${MOST_VALUES} values once its aliases are filled in: use fewer aliases`;
  return { value: undefined, problems: [...problems, { path: [], message }] };
}

function convert(node: unknown, path: Path, state: Conversion): Converted {
  if (isAlias(node)) return aliased(node.source, path, state);
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
  if (anchor !== undefined) state.anchors.set(anchor, undefined);
  const mark = isScalar(node) && node.source === '' ? markOf(node) : undefined;
  if (mark !== undefined)
    state.report({
      path,
      message: `is empty, as YAML takes what begins with "${mark}" for something else: put it in quotes`,
    });
  const converted = content(node, path, state);
  if (anchor !== undefined) state.anchors.set(anchor, converted);
  return converted;
}

/** With what a text begins that is no text to YAML. */
function markOf({ anchor, tag }: Scalar): '&' | '!' | undefined {
  if (anchor !== undefined) return '&';
  return tag?.startsWith('!') ? '!' : undefined;
}

function content(node: unknown, path: Path, state: Conversion): Converted {
  if (isMap(node)) return mapping(node, path, state);
  if (isSeq(node)) return list(node, path, state);
  if (isScalar(node) && node.tag === BINARY) return { value: binary(String(node.value), path, state), size: 1 };
  if (!isScalar(node)) return { value: null, size: 1 };
  return { value: path[0] === 'modules' ? spelled(node) : node.value, size: 1 };
}

/**
 * Modules of blackbox_exporter are written for Go, which takes a number or a boolean for the text that it is spelled with. Where that is
 * not how we would spell it (0123, 1.10, True) the text is kept: a password must not lose its first zero.
 */
function spelled({ value, source }: Scalar): unknown {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  return isPlain && source !== undefined && source !== String(value) ? source : value;
}

/** The bytes of `!!binary`, written in base64. */
function binary(written: string, path: Path, state: Conversion): Buffer {
  const base64 = written.replace(/\s+/g, '');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) state.report({ path, message: 'is not base64, as !!binary must be' });
  return bytes;
}

function aliased(name: string, path: Path, state: Conversion): Converted {
  const found = state.anchors.get(name);
  if (found !== undefined) return found;
  // Not what it says: it may be a password that was meant to begin with the star.
  const message = state.anchors.has(name)
    ? 'contains itself'
    : 'there is no anchor of that name before: put a text that begins with "*" in quotes';
  state.report({ path, message });
  return { value: null, size: 1 };
}

function list(node: YAMLSeq, path: Path, state: Conversion): Converted {
  let size = 1;
  const value = node.items.map((item, i) => {
    const converted = convert(item, [...path, i], state);
    size += converted.size;
    return converted.value;
  });
  return { value, size };
}

function mapping(node: YAMLMap, path: Path, state: Conversion): Converted {
  // Without a prototype, so that a key such as __proto__ or constructor is a key like any other.
  const value: Record<string, unknown> = Object.create(null);
  const merged: unknown[] = [];
  let size = 1;
  for (const pair of node.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const converted = convert(pair.value, [...path, key], state);
    size += converted.size;
    if (isMerge(pair.key)) merged.push(...[converted.value].flat());
    else if (Object.hasOwn(value, key)) repeated(path, key, pair.key, state);
    else value[key] = converted.value;
  }
  for (const from of merged) merge(from, value, path, state);
  return { value, size };
}

function isMerge(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
}

/** Own keys win over merged ones, earlier merged ones over later: as YAML 1.1 defines it. */
function merge(from: unknown, into: Record<string, unknown>, path: Path, state: Conversion): void {
  if (typeof from !== 'object' || from === null) {
    state.report({
      path: [...path, '<<'],
      message: `must be a mapping to merge in, or a list of them, not ${show(from)}`,
    });
    return;
  }
  for (const [key, value] of Object.entries(from)) if (!Object.hasOwn(into, key)) into[key] = value;
}

function repeated(path: Path, key: string, node: unknown, state: Conversion): void {
  const offset = isScalar(node) ? node.range?.[0] : undefined;
  const message = 'is given twice: keep one of them';
  state.report({ path: [...path, key], message, ...(offset === undefined ? {} : { place: state.place(offset) }) });
}
