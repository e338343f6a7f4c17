import { setImmediate as nextTurn } from 'node:timers/promises';

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

/** Lone surrogates are replaced, as they cannot be written in UTF-8. */
function escapeLabel(value: string): string {
  return /[\\"\n\ud800-\udfff]/.test(value)
    ? value.toWellFormed().replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

function escapeHelp(help: string, format: Format): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}

/** Chunks are about this long, and the loop comes round after each: nobody waits for more than a chunk, 1-3 ms. */
const CHUNK_CHARS = 64 * 1024;

/** Gathers lines into chunks and lets the loop turn after each one. */
export async function* inChunks(lines: Iterable<string>): AsyncGenerator<string, void, undefined> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARS) continue;
    yield chunk;
    chunk = '';
    await nextTurn();
  }
  if (chunk !== '') yield chunk;
}
