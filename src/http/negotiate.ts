import type { Format } from '../exposition/text.ts';

type Wish = { readonly name: string; readonly params: ReadonlyMap<string, string>; readonly quality: number };

/** The text format that an Accept header likes best; where it likes both the same, OpenMetrics. Source: RFC 9110, 12.5.1. */
export function chooseFormat(accept: string | undefined): Format {
  if (!accept?.includes('openmetrics')) return 'text';
  let best: Format = 'text';
  let quality = 0;
  for (const wish of wishes(accept)) {
    const format = formatOf(wish);
    if (format === undefined || wish.quality <= 0) continue;
    if (wish.quality > quality || (wish.quality === quality && format === 'openmetrics')) {
      best = format;
      quality = wish.quality;
    }
  }
  return best;
}

function formatOf({ name, params }: Wish): Format | undefined {
  if (name === 'application/openmetrics-text') {
    const version = params.get('version') ?? '1.0.0';
    return version === '1.0.0' ? 'openmetrics' : undefined;
  }
  return name === 'text/plain' || name === 'text/*' || name === '*/*' ? 'text' : undefined;
}

/** Whether an Accept-Encoding header takes gzip. Source: RFC 9110, 12.5.3. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (!/gzip|\*/i.test(acceptEncoding ?? '')) return false;
  const found = wishes(acceptEncoding);
  const wish = found.find(({ name }) => name === 'gzip' || name === 'x-gzip') ?? found.find(({ name }) => name === '*');
  return wish !== undefined && wish.quality > 0;
}

function wishes(header: string | undefined): readonly Wish[] {
  return (header ?? '').split(',').flatMap((part) => {
    const [name = '', ...rest] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const params = new Map(
      rest.map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()] as const),
    );
    const quality = Number(params.get('q') ?? 1);
    return name === '' ? [] : [{ name, params, quality: Number.isFinite(quality) ? quality : 0 }];
  });
}
