import { z } from 'zod';
import { counted } from '../core/counted.ts';
import { goText } from './go-values.ts';
import { show } from './wording.ts';

const PREFIXES = ['K', 'M', 'G', 'T', 'P', 'E'];
/** Those with the i and those without are not mixed in one size. */
const FAMILIES = ['iB', 'B'].map(
  (suffix) => new Map([['B', 1], ...PREFIXES.map((prefix, i) => [prefix + suffix, 1024 ** (i + 1)] as const)]),
);
const PARTS = /(\d+(?:\.\d*)?|\.\d+)([A-Za-z]+)/g;
const WHOLE = /^([+-]?)((?:(?:\d+(?:\.\d*)?|\.\d+)[A-Za-z]+)+)$/;
/** More does not fit into 64 bits. */
const LARGEST = 2 ** 63;

/**
 * A size such as 10MB, KB and KiB both being 1024 bytes, as blackbox_exporter reads it; undefined where it means no limit: 0, or less.
 * Source: github.com/alecthomas/units, ParseBase2Bytes.
 */
export function byteSize() {
  return goText('a size such as 10MB').transform((written, context): number | undefined => {
    const bytes = bytesOf(written);
    if (bytes !== undefined) return bytes > 0 ? Math.min(Math.trunc(bytes), Number.MAX_SAFE_INTEGER) : undefined;
    context.addIssue({ code: 'custom', message: complaint(written) });
    return z.NEVER;
  });
}

function bytesOf(written: string): number | undefined {
  if (/^[+-]?0$/.test(written)) return 0;
  const [, sign, sizes] = WHOLE.exec(written) ?? [];
  if (sizes === undefined) return undefined;
  const parts = Array.from(sizes.matchAll(PARTS), ([, number, unit]) => [Number(number), unit ?? ''] as const);
  const family = FAMILIES.find((units) => parts.every(([, unit]) => units.has(unit)));
  if (family === undefined) return undefined;
  const total = parts.reduce((sum, [number, unit]) => sum + number * (family.get(unit) ?? 0), 0);
  if (total > LARGEST) return undefined;
  return sign === '-' ? -total : total;
}

function complaint(written: string): string {
  return /^\d+$/.test(written) && written.length < 16
    ? `needs a unit: write ${written}B for ${counted(Number(written), 'byte')}`
    : `must be a size such as 10MB or 512KB (of B, KB, MB, GB, TB), not ${show(written)}`;
}
