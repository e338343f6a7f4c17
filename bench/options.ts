import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const MEASURES = ['cpu', 'latency', 'scrape', 'probe', 'memory', 'blackhole'] as const;
export type MeasureName = (typeof MEASURES)[number];

export type Options = {
  readonly help: boolean;
  readonly write: boolean;
  readonly quick: boolean;
  readonly exporter: string;
  readonly only: readonly MeasureName[];
};

export const USAGE = `usage: npm run bench -- [--quick] [--write] [--only=MEASURE]... [--exporter=FILE]

  --quick          small counts, under a minute: shows that everything runs, not how fast
  --write          write docs/benchmarks.md instead of printing it
  --only=MEASURE   ${MEASURES.join(', ')}; repeatable
  --exporter=FILE  the exporter to measure (default dist/cli/main.js)
`;

/** The command line as values; throws an error whose message names what is wrong. */
export function parseOptions(args: readonly string[], root: string): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      exporter: { type: 'string', default: 'dist/cli/main.js' },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.write && (values.quick || values.only.length > 0)) {
    throw new Error('--write needs the full run: leave --quick and --only out');
  }
  const only = values.only.length > 0 ? values.only.map(measureName) : MEASURES;
  return { ...values, only, exporter: resolve(root, values.exporter) };
}

function measureName(text: string): MeasureName {
  const name = MEASURES.find((measure) => measure === text);
  if (name === undefined) throw new Error(`--only=${text}: unknown; one of ${MEASURES.join(', ')}`);
  return name;
}
