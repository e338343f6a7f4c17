import { megabytes, seconds, short, whole } from '../format.ts';
import { table } from '../report.ts';
import { maximum, quarters, slope } from '../statistics.ts';
import { kindsOf } from './mix.ts';
import type { Reading, Soak } from './run.ts';

/** A scrape a minute. */
const DAY_SCRAPES = 1440;

type Figure = {
  readonly name: string;
  readonly of: (reading: Reading) => number;
  readonly show: (value: number) => string;
};

const FIGURES: readonly Figure[] = [
  { name: 'resident memory', of: ({ resident }) => resident, show: megabytes },
  { name: 'open file descriptors', of: ({ descriptors }) => descriptors, show: short },
  { name: 'longest event loop block', of: ({ blockMs }) => blockMs, show: ms },
  { name: 'longest that the loop itself ran without coming round', of: ({ ranMs }) => ranMs, show: ms },
  { name: 'wall time of a scrape', of: (reading) => reading.seconds, show: seconds },
];

/** What the soak has seen, as the tables of docs/reliability.md. */
export function soakReport(
  machine: readonly (readonly string[])[],
  { readings, reloads, peak, verdicts, seconds: took }: Soak,
  targets: number,
): string {
  const hours = readings.length / 60;
  const rows = [
    [
      'scrapes, one after the other',
      `${whole(readings.length)} in ${seconds(took)}: at one a minute, ${hours.toFixed(1)} hours`,
    ],
    ['targets', kindsOf(targets)],
    ['reloads with other targets', String(reloads)],
    [
      'verdicts',
      `${whole(verdicts.all)}: ${whole(verdicts.wrong)} wrong, ${whole(verdicts.faults)} times not able to probe`,
    ],
    ['highest resident memory', megabytes(peak)],
  ];
  return [
    table(['machine', ''], machine),
    table(['run', ''], rows),
    table(
      ['after each scrape', 'first quarter', 'last quarter', `slope per ${whole(DAY_SCRAPES)} scrapes`, 'highest'],
      figureRows(readings),
    ),
  ].join('\n');
}

/** The slope leaves out the first quarter, in which the heap finds its size. */
function figureRows(readings: readonly Reading[]): string[][] {
  return FIGURES.map(({ name, of, show }) => {
    const values = readings.map(of);
    const { first, last } = quarters(values);
    const perDay = slope(values.slice(Math.floor(values.length / 4))) * DAY_SCRAPES;
    return [name, show(first), show(last), signed(perDay, show), show(maximum(values))];
  });
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function signed(value: number, show: (value: number) => string): string {
  return `${value < 0 ? '-' : '+'}${show(Math.abs(value))}`;
}
