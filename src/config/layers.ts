import { z } from 'zod';
import { LAYERS, type Layer } from '../probe/layers.ts';
import { list } from './leaves.ts';
import { suggestion } from './nearest.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { show } from './wording.ts';
import type { Tree } from './yaml.ts';

/** The layers of a target, and the options of its check, each with its place in the file. */
export type WrittenLayers = {
  readonly layers: readonly Layer[];
  /** Where each layer is listed. */
  readonly listed: ReadonlyMap<Layer, Path>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly places: ReadonlyMap<string, Path>;
};

type Options = Readonly<Record<string, unknown>>;

/** The options of HTTP that are about the content of an answer, and the one about its time; all others are about the answer as such. */
const CONTENT = ['contains', 'not_contains', 'matches', 'not_matches', 'json'];
const TIME = 'max_response_time';
const OF_HTTP: readonly Layer[] = ['http', 'keyword', 'response_time'];

/** `checks` of a target: layers by name, or each with its options. */
export const CHECK_LIST = list(
  z.union([z.string(), z.record(z.string(), z.unknown())], {
    error: ({ input }) =>
      `must be one of ${LAYERS.join(', ')}, alone or with its options behind a colon, not ${show(input)}`,
  }),
  'a list of layers, such as port, http and keyword',
).min(1, { error: 'must have at least one layer, such as port' });

/** Whether a layer of them is HTTP's. */
export function speaksHttp(layers: readonly Layer[]): boolean {
  return layers.some((layer) => OF_HTTP.includes(layer));
}

/** Layers in their order, those that go without saying among them. */
export function inOrder(layers: Iterable<Layer>): readonly Layer[] {
  const found = new Set(layers);
  return LAYERS.filter((layer) => found.has(layer));
}

/** Reads `checks`, and complains about what is no layer, comes twice, or has options that it does not take. */
export function readLayers(items: z.output<typeof CHECK_LIST>, path: Path, report: Report): WrittenLayers {
  const listed = new Map<Layer, Path>();
  const options: Record<string, unknown> = {};
  const places = new Map<string, Path>();
  for (const [i, item] of items.entries()) {
    const [layer, written] = layerIn(item, [...path, i], listed, report);
    if (layer === undefined) continue;
    listed.set(layer, [...path, i]);
    const place: Path = [...path, i, layer];
    for (const [key, value] of Object.entries(optionsOf(layer, written, place, report))) {
      options[key] = value;
      places.set(key, isShort(layer, written) ? place : [...place, key]);
    }
  }
  const layers = inOrder(listed.keys());
  if (listed.has('service') && speaksHttp(layers))
    report({ path, message: 'service and http are one layer: keep the one that the target speaks' });
  return { layers, listed, options, places };
}

/** What stands behind the colon of layers that are more than a mapping of options. */
const SHAPES: Partial<Record<Layer, string>> = {
  keyword: 'a text in quotes that must be in the body, a list of them, or a mapping of options',
  response_time: 'the longest time that an answer may take, such as 800ms',
};

type Item = z.output<typeof CHECK_LIST>[number];

/** The layer of an item that is not there yet, and what is written behind it. */
function layerIn(item: Item, path: Path, there: ReadonlyMap<Layer, Path>, report: Report): [Layer?, unknown?] {
  const [[name, written] = ['', undefined], ...more] =
    typeof item === 'string' ? [[item, undefined] as const] : Object.entries(item);
  if (more.length > 0) report({ path, message: 'must be one layer: start another line with "- "' });
  if (name === '') {
    report({ path, message: 'must be a layer, such as port' });
    return [];
  }
  const layer = LAYERS.find((known) => known === name);
  if (layer === undefined) report({ path, message: () => noLayer(name) });
  else if (there.has(layer)) report({ path, message: `${layer} comes twice: keep one` });
  else return [layer, written];
  return [];
}

function noLayer(name: string): string {
  return `${show(name)} is not a layer${suggestion(name, LAYERS)} (known here: ${LAYERS.join(', ')})`;
}

/** What is meant by itself instead of a mapping: keyword: "Welcome", or several, and response_time: 800ms. */
function isShort(layer: Layer, written: unknown): boolean {
  if (layer === 'keyword') return typeof written === 'string' || Array.isArray(written);
  return layer === 'response_time' && typeof written === 'string';
}

/** The options of a layer, as the check has them. */
function optionsOf(layer: Layer, written: unknown, path: Path, report: Report): Options {
  if (isShort(layer, written)) return { [layer === 'keyword' ? 'contains' : TIME]: written };
  const given = written ?? {};
  if (layer === 'response_time' || typeof given !== 'object' || Array.isArray(given)) {
    report({ path, message: `must be ${SHAPES[layer] ?? 'a mapping of options'}, not ${show(written)}` });
    return {};
  }
  const keys = Object.keys(given);
  for (const key of keys.filter((one) => !belongs(layer, one)))
    report({ path: [...path, key], at: 'key', message: () => misplaced(layer, key) });
  if (layer === 'keyword' && keys.length === 0)
    report({ path, message: `says nothing: write one of ${CONTENT.join(', ')}` });
  return Object.fromEntries(Object.entries(given).filter(([key]) => belongs(layer, key)));
}

function belongs(layer: Layer, key: string): boolean {
  if (layer === 'service') return true;
  if (layer === 'keyword') return CONTENT.includes(key);
  return layer === 'http' && key !== TIME && !CONTENT.includes(key);
}

function misplaced(layer: Layer, key: string): string {
  if (key === TIME) return 'is the layer response_time: write response_time: 800ms';
  if (CONTENT.includes(key)) return `${key} is about the content: write it under keyword`;
  if (layer !== 'keyword') return `${layer} takes no options`;
  return `${show(key)} does not belong to keyword${suggestion(key, CONTENT)} (it takes ${CONTENT.join(', ')})`;
}

/** Layers as they would be written, with the options of their check. */
export function layersTree(layers: readonly Layer[], options: Options): Tree {
  const of = (belonging: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(options).filter(([key]) => belonging(key))) as { readonly [key: string]: Tree };
  return layers.map((layer): Tree => {
    if (layer === 'response_time') return { response_time: String(options[TIME]) };
    const own = layer === 'port' || layer === 'tls' ? {} : of((key) => belongs(layer, key));
    return Object.keys(own).length === 0 ? layer : { [layer]: own };
  });
}
