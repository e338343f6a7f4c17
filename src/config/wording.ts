const SHOWN = 60;

/** A value in a message: short, on one line, whatever it is. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}...` : value);
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (Buffer.isBuffer(value)) return 'bytes';
  return typeof value === 'object' ? 'a mapping' : String(value);
}

/** The same of what may be a secret: only what kind of value it is. */
export function kind(value: unknown): string {
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'a number' : show(value);
}

/** "a, b, c and 7 more". */
export function few(items: readonly string[]): string {
  const shown = items.slice(0, 3).join(', ');
  return items.length <= 3 ? shown : `${shown} and ${items.length - 3} more`;
}
