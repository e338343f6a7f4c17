import { RequestProblem } from './services.ts';

const HEADER = 'x-prometheus-scrape-timeout-seconds';
/** Without the header a person is asking: every probe may take its own timeout. */
const UNHURRIED_MS = 120_000;
const LONGEST_MS = 600_000;

/**
 * How long a scrape may probe, ms: what Prometheus says it will wait, less the offset that brings the answer there in time. A timeout
 * shorter than the offset is halved instead, so that it never becomes nothing.
 */
export function scrapeWindow(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  offsetMs: number,
): number {
  const header = headers[HEADER];
  if (header === undefined) return UNHURRIED_MS;
  const seconds =
    typeof header === 'string' && /^\s*\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(header)
      ? Number(header)
      : Number.NaN;
  if (!(seconds > 0)) {
    throw new RequestProblem(
      400,
      `X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds above 0, such as 10`,
    );
  }
  const waits = Math.min(seconds * 1000, LONGEST_MS);
  return waits > 2 * offsetMs ? waits - offsetMs : waits / 2;
}
