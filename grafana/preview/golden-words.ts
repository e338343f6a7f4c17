import type { Field, LinkModel } from '@grafana/data';
import { grafana } from './grafana-data.ts';
import { inWords } from './shown.ts';

export const theme = grafana.createTheme({ colors: { mode: 'dark' } });

const HUES = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'];
const SHADES = ['', 'dark-', 'semi-dark-', 'light-', 'super-light-'];
const NAMES: ReadonlyMap<string, string> = new Map([
  ...SHADES.flatMap((shade) => HUES.map((hue) => [hexOf(shade + hue), shade + hue] as const)),
  ['#8e8e8e', 'grey'],
  [hexOf('text'), ''],
  ['#ccccdc', ''], // the same, as a tile has it
]);

/** How a value stands out: nothing of it in the colour, its words (a line, a bar), or all that is behind them. */
export type Painted = 'none' | 'words' | 'ground';

function hexOf(name: string): string {
  return theme.visualization.getColorByName(name).toLowerCase();
}

/** A colour by the name that the palette of Grafana has for it; nothing for that of plain text. */
export function inColor(words: string, painted: Painted, color: string | undefined): string {
  const name = color === undefined ? '' : (NAMES.get(color.toLowerCase()) ?? color);
  if (painted === 'none' || name === '') return words;
  return painted === 'ground' ? `${words} [${name}]` : `${words} (${name})`;
}

/** A value in words, and in its own colour. */
export function painted(field: Field, value: unknown, how: Painted): string {
  return inColor(inWords(field, value), how, field.display?.(value).color);
}

/** Where a click leads, and what the address keeps of the dashboard it is on. */
export function destination(links: readonly LinkModel[] | undefined): { readonly to: string; readonly keeps: string } {
  const [{ href } = { href: '' }] = links ?? [];
  const [to = '', ...keeps] = href.split('&');
  return { to: to === '' ? '' : ` -> ${to}`, keeps: keeps.join('&') };
}

/** "11:59", of the day before with a "-1d", as seen from the end. */
export function clock(at: number, end: number): string {
  const days = Math.floor(end / 86_400) - Math.floor(at / 86_400);
  return `${new Date(at * 1000).toISOString().slice(11, 16)}${days === 0 ? '' : ` -${days}d`}`;
}
