import type { Target } from '../probe/spec.ts';
import { FAMILIES, type Family, type View } from './families.ts';
import { type Format, label, sample } from './text.ts';

/** The label block of each target, rendered once: it is most of the text, and it changes only with the configuration. */
export class LabelBlocks {
  readonly #blocks = new WeakMap<Target, string>();

  of(target: Target): string {
    const known = this.#blocks.get(target);
    if (known !== undefined) return known;
    const { address, name, service, group, severity, labels } = target;
    const all = Object.entries({ target: address, name, service, group, severity, ...labels });
    const block = all.map(([key, value]) => label(key, value)).join(',');
    this.#blocks.set(target, block);
    return block;
  }
}

/** Many targets to be rendered: how many, and what each is made of, asked for anew each time so that nothing is kept for long. */
export type Views = {
  readonly size: number;
  readonly view: (index: number) => View;
  /** Rendered labels; '' where service discovery or relabelling adds them. */
  readonly labels: (index: number) => string;
};

/** Targets whose lines of one family are rendered in one go: about 50 kB, well under a millisecond. */
const SLICE = 250;

/**
 * The text of many targets, family by family, in pieces between which the caller may let the loop turn. A family without samples is left
 * out (its pieces are empty).
 */
export function* renderFleet(views: Views, format: Format): Generator<string, void, undefined> {
  for (const family of FAMILIES) {
    let head = family.heading[format];
    for (let first = 0; first < views.size; first += SLICE) {
      let lines = '';
      for (let i = first; i < Math.min(first + SLICE, views.size); i++)
        lines += render(family, views.view(i), views.labels(i));
      if (lines === '') yield '';
      else {
        yield head + lines;
        head = '';
      }
    }
  }
}

/** The text of one target, without labels of its own. */
export function renderOne(view: View, format: Format): string {
  let text = '';
  for (const piece of renderFleet({ size: 1, view: () => view, labels: () => '' }, format)) text += piece;
  return text;
}

function render({ name, value, rows }: Family, view: View, labels: string): string {
  if (value !== undefined) {
    const only = value(view);
    return only === undefined ? '' : sample(name, labels, only);
  }
  let lines = '';
  // Scrapers of OpenMetrics refuse a comma that nothing follows.
  for (const [more, number] of rows?.(view) ?? [])
    lines += sample(name, labels === '' || more === '' ? labels + more : `${labels},${more}`, number);
  return lines;
}
