/** The two text formats that scrapers ask for. */
export const FORMATS = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;
export type Format = keyof typeof FORMATS;

/** The last line of OpenMetrics; the older format has none. */
export function ending(format: Format): string {
  return format === 'openmetrics' ? '# EOF\n' : '';
}

/** HELP and TYPE of a family. OpenMetrics names a counter without the _total of its samples. */
export function heading(
  family: { readonly name: string; readonly type: string; readonly help: string },
  format: Format,
): string {
  const name = format === 'openmetrics' && family.type === 'counter' ? family.name.replace(/_total$/, '') : family.name;
  return `# HELP ${name} ${escapeHelp(family.help, format)}\n# TYPE ${name} ${family.type}\n`;
}

/** One rendered label: name="value". */
export function label(name: string, value: string): string {
  return `${name}="${escapeLabel(value)}"`;
}

/** One sample line; `labels` are rendered labels, commas between, or ''. */
export function sample(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${number(value)}\n` : `${name}{${labels}} ${number(value)}\n`;
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

function escapeHelp(help: string, format: Format): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
