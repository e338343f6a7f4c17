import type { Endpoint } from '../core/endpoint.ts';
import type { Config, Problem } from './config.ts';

/** What a configuration may ask of the machine that it is loaded on. */
export type Sources = { readonly listeners: () => readonly Endpoint[] };

export type Loaded =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads a configuration: all of it, or every problem at once. Never throws, whatever the text. */
export function loadConfig(_file: string, _text: string, _sources: Sources): Loaded {
  throw new Error('being written');
}
