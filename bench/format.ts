/** 12345.6 -> "12,346": whole numbers as people read them. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Three significant digits, never in scientific notation. */
export function short(value: number): string {
  if (Math.abs(value) >= 1000) return whole(value);
  return String(Number(value.toPrecision(3)));
}

export function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(3)} ms`;
}

export function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

/** Megabytes of a million bytes. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
