import type { Parsed } from '../core/endpoint.ts';

/** An expression in CEL that says whether the JSON of a body will do: `body` is its name there. */
export class Cel {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** For keys and messages. */
  toJSON(): string {
    return this.source;
  }
}

/** The expression, or one sentence on what is wrong with it. */
export function compileCel(source: string): Parsed<Cel> {
  return { ok: true, value: new Cel(source) };
}
