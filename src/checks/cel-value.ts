import type { Parsed } from '../core/endpoint.ts';
import type { Work } from './work.ts';

/** The JSON object of a body, as expressions see it: maps, lists, strings, doubles, booleans and null. */
export type CelBody = ReadonlyMap<string, unknown>;

/** Units of work for a byte of JSON, and for what is made of it. */
const BYTE_WORK = 4;
const MAP_WORK = 20;
const ENTRY_WORK = 30;
const ITEM_WORK = 4;
const DEEPEST = 100;
/** JSON is read in one go, whoever wrote it: bytes. */
const LONGEST = 2 * 1024 * 1024;

/** The object that a body is as JSON, or one sentence on why it is none. Throws what `work` throws. */
export function readCelBody(body: Uint8Array, work: Work): Parsed<CelBody> {
  work.spend(body.length > LONGEST ? Number.POSITIVE_INFINITY : body.length * BYTE_WORK);
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch {
    return { ok: false, problem: 'the body is not JSON' };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return { ok: false, problem: 'the body is JSON, but not an object' };
  const value = toValue(json, work, DEEPEST);
  return value instanceof Map
    ? { ok: true, value }
    : { ok: false, problem: `the JSON of the body is nested deeper than ${DEEPEST} levels` };
}

/** Objects become maps, so that a key called "constructor" is a key. Undefined when it is nested more deeply. */
function toValue(json: unknown, work: Work, levels: number): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (levels === 0) return undefined;
  if (Array.isArray(json)) return toList(json, work, levels);
  const entries = Object.entries(json);
  work.spend(MAP_WORK + ENTRY_WORK * entries.length);
  const map = new Map<string, unknown>();
  for (const [key, item] of entries) {
    const value = toValue(item, work, levels - 1);
    if (value === undefined) return undefined;
    map.set(key, value);
  }
  return map;
}

function toList(json: readonly unknown[], work: Work, levels: number): unknown[] | undefined {
  work.spend(json.length * ITEM_WORK);
  const list: unknown[] = [];
  for (const item of json) {
    const value = toValue(item, work, levels - 1);
    if (value === undefined) return undefined;
    list.push(value);
  }
  return list;
}

/** How many values there are in it, itself included; strings and bytes count by their length. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return 1 + value.length / 16;
  if (Array.isArray(value)) return value.reduce<number>((size, item) => size + sizeOf(item), 1);
  if (!(value instanceof Map)) return 1;
  let size = 1;
  for (const item of value.values()) size += 1 + sizeOf(item);
  return size;
}
