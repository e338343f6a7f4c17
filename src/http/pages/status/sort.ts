/** Negative where `a` comes first, positive where `b` does; anything else leaves them as they were. */
export type Order<Item> = (a: Item, b: Item) => number;

/** As many as are sorted or merged in less than a millisecond, even by a collator. */
const AT_ONCE = 64;

/** The items in that order, those that are equal in it as they stood: toSorted, with a pause every few hundred comparisons. */
export function* sortInSteps<Item>(items: readonly Item[], order: Order<Item>): Generator<'', readonly Item[]> {
  let runs: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    runs.push(items.slice(start, start + AT_ONCE).sort(order));
    yield '';
  }
  while (runs.length > 1) {
    const merged: (readonly Item[])[] = [];
    for (let i = 0; i < runs.length; i += 2) merged.push(yield* merge(runs[i] ?? [], runs[i + 1] ?? [], order));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<Item>(
  left: readonly Item[],
  right: readonly Item[],
  order: Order<Item>,
): Generator<'', readonly Item[]> {
  const [last, first] = [left.at(-1), right[0]];
  if (last === undefined || first === undefined || !(order(last, first) > 0)) {
    yield '';
    return [...left, ...right];
  }
  const merged: Item[] = [];
  let taken = 0;
  for (const item of left) {
    for (let next = right[taken]; next !== undefined && order(item, next) > 0; next = right[++taken]) {
      merged.push(next);
      if (merged.length % AT_ONCE === 0) yield '';
    }
    merged.push(item);
    if (merged.length % AT_ONCE === 0) yield '';
  }
  return [...merged, ...right.slice(taken)];
}
