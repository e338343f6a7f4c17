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
