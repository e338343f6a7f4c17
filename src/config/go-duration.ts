import { z } from 'zod';
import { counted } from '../core/counted.ts';
import { mustBe } from './leaves.ts';
import { show } from './wording.ts';

const GO_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const GO_DURATION = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** A duration as Go reads it ("1.5s", "2m30s", "0"): files of blackbox_exporter are written for it. Milliseconds. Source: Go, time.ParseDuration. */
export function goDuration() {
  const error = ({ input }: { input?: unknown }) =>
    typeof input === 'number'
      ? `needs a unit: write ${input}s for ${counted(input, 'second')}`
      : mustBe('a duration such as 5s', input);
  return z.string({ error }).transform((written, context) => {
    const found = GO_DURATION.exec(written);
    if (written === '0') return 0;
    if (found === null) {
      context.addIssue(`must be a duration such as 5s or 1.5s, not ${show(written)}`);
      return z.NEVER;
    }
    const parts = (found[2] ?? '').matchAll(/([\d.]+)([a-zµμ]+)/g);
    const total = [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * (GO_UNITS[unit ?? ''] ?? 0), 0);
    return found[1] === '-' ? -total : total;
  });
}
