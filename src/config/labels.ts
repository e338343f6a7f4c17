/** Labels that the exporter or Prometheus sets on every series of a target. */
const ON_EVERY_SERIES = ['target', 'name', 'service', 'group', 'severity', 'instance', 'job', 'phase', 'reason'];

/** Labels of single families: a second one of the same name on one line would make Prometheus refuse the whole scrape. */
const ON_SOME_SERIES = [
  'depends_on',
  'version',
  'state',
  'cipher',
  'fingerprint_sha256',
  'subject',
  'issuer',
  'subjectalternative',
  'serialnumber',
  'layer',
  'serving_status',
];

export const RESERVED_LABELS: ReadonlySet<string> = new Set([...ON_EVERY_SERIES, ...ON_SOME_SERIES]);

/** Whether the text is a label name in every version of Prometheus. */
export function isLabelName(text: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text);
}
