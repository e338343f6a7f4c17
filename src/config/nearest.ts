/** The candidate that a misspelt word most likely stands for, or undefined when none is close. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const allowed = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let least = allowed + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const edits = distance(word.toLowerCase(), candidate.toLowerCase(), least);
    if (edits >= least) continue;
    best = candidate;
    least = edits;
  }
  return best;
}

/** ": did you mean X?" as the end of a message, or nothing. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const found = nearest(word, candidates);
  return found === undefined ? '' : `: did you mean ${found}?`;
}

/** Edits (insert, delete, replace, swap neighbours) from one text to the other; gives up at `limit`. */
function distance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) current.push(step(a, b, i, j, { before, previous, current }));
    if (Math.min(...current) >= limit) return limit;
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? limit;
}

type Rows = { readonly before: readonly number[]; readonly previous: readonly number[]; readonly current: number[] };

function step(a: string, b: string, i: number, j: number, rows: Rows): number {
  const replaced = at(rows.previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const least = Math.min(replaced, at(rows.previous, j) + 1, at(rows.current, j - 1) + 1);
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(least, at(rows.before, j - 2) + 1) : least;
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
