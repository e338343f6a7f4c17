import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { COLOR } from './names.ts';

/** In days: Grafana's own unit for long times would make "2 months" of 71 days. */
export const DAYS = 'suffix:d';

type Step = readonly [from: number | null, color: string];

/** From which value on which colour. */
export function steps(...all: readonly Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(all.map(([value, color]) => ({ value, color })));
}

export const PLAIN: readonly Step[] = [[null, COLOR.none]];
/** The lowest step is also the colour of "no data", so it is not a bad one. */
export const AVAILABILITY: readonly Step[] = [
  [null, COLOR.none],
  [0, COLOR.bad],
  [0.99, COLOR.warn],
  [0.995, COLOR.ok],
];
/** For columns of tables, where the lowest step is all that finds values below 0; see `emptyAs`. */
export const CERTIFICATE_DAYS: readonly Step[] = [
  [null, COLOR.bad],
  [7, COLOR.warn],
  [30, COLOR.ok],
];

/** The same for a tile, where "no TLS" would have the colour of the lowest step. */
export const CERTIFICATE_TILE: readonly Step[] = [
  [null, COLOR.none],
  [-100_000, COLOR.bad],
  ...CERTIFICATE_DAYS.slice(1),
];

/** By class. What a target is expected to answer is not known here: a 401 may be right. */
export const HTTP_STATUS: readonly Step[] = [
  [null, COLOR.unknown],
  [100, COLOR.ok],
  [400, COLOR.warn],
  [500, COLOR.bad],
];

export function byThreshold(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
}

/** A series of this name has the same colour in whatever order they come. */
export function byName(): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName);
}

/** Fixed colours for series of these names. */
export function colors(of: Readonly<Record<string, string>>) {
  return Object.entries(of).map(([options, color]) => ({
    matcher: { id: 'byName', options },
    properties: [inColor(color)],
  }));
}

function inColor(fixedColor: string): DynamicConfigValue {
  return { id: 'color', value: { mode: 'fixed', fixedColor } };
}

type Texts = Readonly<Record<string, readonly [text: string, color: string]>>;

/** What values are called: text first, colour second, so that it can be read without colours. */
export function texts(of: Texts, empty?: string): ValueMapping[] {
  const options = Object.fromEntries(
    Object.entries(of).map(([value, [text, color]], index) => [value, { text, color, index }]),
  );
  const named: ValueMapping = { type: MappingType.ValueToText, options };
  return empty === undefined ? [named] : [named, ...emptyAs(empty)];
}

/** A cell without a value would take the colour of the lowest step: say what it means instead. */
export function emptyAs(text: string): ValueMapping[] {
  const result = { text, color: COLOR.none, index: 99 };
  return [{ type: MappingType.SpecialValue, options: { match: SpecialValueMatch.NullAndNan, result } }];
}

/** The same for one number. */
export function numberAs(number: number, text: string, color: string): ValueMapping[] {
  return [{ type: MappingType.RangeToText, options: { from: number, to: number, result: { text, color, index: 0 } } }];
}

/** The states of targets; see `state` in promql.ts. */
export const STATE_MAPPING = texts(
  {
    0: ['DOWN', COLOR.bad],
    1: ['PARTLY', COLOR.warn],
    2: ['NOT PROBED', COLOR.unknown],
    3: ['UP', COLOR.ok],
  },
  'no data',
);

/** How a layer did, or that nobody knows: one below it is broken, or the target was not probed. */
export const LAYER_MAPPING = texts({
  0: ['broken', COLOR.bad],
  1: ['ok', COLOR.ok],
  2: ['not known', COLOR.unknown],
});
