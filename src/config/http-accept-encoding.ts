/**
 * Whether a server that heeds the Accept-Encoding header may answer in that coding: it, or `*`, is in the header with a weight above 0.
 * Source: RFC 9110, 12.5.3, and what blackbox_exporter makes of it.
 */
export function accepts(header: string, coding: string): boolean {
  return header
    .split(',')
    .map(weighted)
    .some(({ name, weight }) => (name === coding || name === '*') && weight > 0);
}

function weighted(item: string): { readonly name: string; readonly weight: number } {
  const at = item.lastIndexOf(';');
  if (at < 0) return { name: item.trim(), weight: 1 };
  const weight = Number(
    item
      .slice(at + 1)
      .trim()
      .replace(/^q=/, ''),
  );
  // Three decimals are all that a weight has.
  return { name: item.slice(0, at).trim(), weight: Number.isNaN(weight) ? 0 : Math.round(weight * 1000) };
}
