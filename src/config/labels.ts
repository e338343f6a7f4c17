/** Labels that the exporter or Prometheus sets: a user's label of that name would collide. */
export const RESERVED_LABELS: ReadonlySet<string> = new Set([
  'target',
  'name',
  'service',
  'group',
  'severity',
  'instance',
  'job',
  'phase',
  'reason',
]);

/** Whether the text is a label name in every version of Prometheus. */
export function isLabelName(text: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text);
}
