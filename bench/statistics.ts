/** The value below which a share `q` of the numbers lies (nearest rank). */
export function quantile(numbers: readonly number[], q: number): number {
  if (numbers.length === 0) return Number.NaN;
  const sorted = [...numbers].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(q * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** Middle value; between two, their mean. */
export function median(numbers: readonly number[]): number {
  return (quantile(numbers, 0.5) + quantile(numbers, 0.5 + 1e-9)) / 2;
}

export function maximum(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), Number.NEGATIVE_INFINITY);
}

/** Middle values of the first and of the last quarter: what has become of something over time. */
export function quarters(numbers: readonly number[]): { readonly first: number; readonly last: number } {
  const size = Math.max(1, Math.floor(numbers.length / 4));
  return { first: median(numbers.slice(0, size)), last: median(numbers.slice(-size)) };
}

/** By how much the numbers grow from one to the next: the slope of the straight line through them (least squares). */
export function slope(numbers: readonly number[]): number {
  const middle = (numbers.length - 1) / 2;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  let above = 0;
  let below = 0;
  for (const [i, number] of numbers.entries()) {
    above += (i - middle) * (number - mean);
    below += (i - middle) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
