/** The i-th address that answers; raw.c counts the same way. */
export function answering(i: number): string {
  return host(1, i);
}

/** The i-th address whose packets are dropped once the black hole is open. */
export function blackholed(i: number): string {
  return host(2, i);
}

/** The i-th address of 127.NET.0.0/16. */
export function host(net: number, i: number): string {
  const n = i + 1;
  return `127.${net}.${n >> 8}.${n & 255}`;
}

export function range<T>(count: number, item: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => item(i));
}
