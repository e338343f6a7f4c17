const UNITS = [
  ['y', 365 * 24 * 3600 * 1000],
  ['w', 7 * 24 * 3600 * 1000],
  ['d', 24 * 3600 * 1000],
  ['h', 3600 * 1000],
  ['m', 60 * 1000],
  ['s', 1000],
  ['ms', 1],
] as const;

const GRAMMAR = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** What a duration looks like, for messages. */
export const DURATION_FORM = 'a number with a unit, such as 500ms, 5s or 1m30s';

/**
 * Milliseconds of a duration as Prometheus writes it ("1m30s"), or undefined when it is none. One grammar for YAML, flags and pages.
 * Source: Prometheus, "Configuration", <duration>.
 */
export function parseDuration(text: string): number | undefined {
  const found = GRAMMAR.exec(text);
  if (text === '0') return 0;
  if (text === '' || found === null) return undefined;
  const total = UNITS.reduce((sum, [, ms], i) => sum + Number(found[i + 1] ?? 0) * ms, 0);
  return Number.isSafeInteger(total) ? total : undefined;
}

/** The shortest Prometheus duration of a whole number of milliseconds: 90000 is "1m30s". */
export function formatDuration(ms: number): string {
  let rest = Math.round(ms);
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, size] of UNITS) {
    // Years and weeks are exact only by convention: Prometheus itself prints them only for whole multiples.
    if ((unit === 'y' || unit === 'w') && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

/** Seconds of milliseconds, with no more digits than microseconds: nothing beyond is measured. */
export function toSeconds(ms: number): number {
  return Math.round(ms * 1000) / 1_000_000;
}
