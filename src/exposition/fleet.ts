import type { Target } from '../probe/spec.ts';
import { FAMILIES, type Family, type View } from './families.ts';
import { type Format, heading, label, sample } from './text.ts';

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

/** A view and its rendered labels; '' where service discovery or relabelling adds them. */
export type LabelledView = { readonly view: View; readonly labels: string };

/** The text of many targets, family by family, a line or a heading at a time. A family without samples is left out. */
export function* renderFleet(views: readonly LabelledView[], format: Format): Generator<string, void, undefined> {
  for (const family of FAMILIES) {
    let head = heading(family, format);
    for (const { view, labels } of views) {
      const lines = render(family, view, labels);
      if (lines === '') {
        // A scan that finds nothing must still let the chunks breathe: an empty line is cheap and adds nothing.
        yield '';
        continue;
      }
      yield head + lines;
      head = '';
    }
  }
}

function render({ name, value, rows }: Family, view: View, labels: string): string {
  if (value !== undefined) {
    const only = value(view);
    return only === undefined ? '' : sample(name, labels, only);
  }
  let lines = '';
  for (const [more, number] of rows?.(view) ?? [])
    lines += sample(name, labels === '' ? more : `${labels},${more}`, number);
  return lines;
}
