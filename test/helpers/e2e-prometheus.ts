import { join } from 'node:path';
import { http } from './e2e-http.ts';
import type { Stage } from './e2e-stage.ts';

export type Series = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** A target as Prometheus has found it. */
type ActiveTarget = {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
  readonly health: string;
  readonly lastError: string;
};

export type Prometheus = {
  readonly address: string;
  readonly query: (expression: string) => Promise<readonly Series[]>;
  /** The value of the only series of the result; undefined when it is empty. */
  readonly value: (expression: string) => Promise<number | undefined>;
  /** Every sample of the only series of a range, such as up[5m]: seconds since 1970, and the value. */
  readonly samples: (range: string) => Promise<readonly (readonly [number, number])[]>;
  readonly targets: () => Promise<readonly ActiveTarget[]>;
};

/** A series as Prometheus answers it: with a value, or with all values of a range. */
type Found = {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
};

let count = 0;

/** A real Prometheus with this configuration (JSON is YAML). */
export async function startPrometheus(
  stage: Stage,
  config: object,
  flags: readonly string[] = [],
): Promise<Prometheus> {
  const name = `prometheus-${++count}`;
  const program = stage.start([
    'prometheus',
    `--config.file=${stage.write(`${name}.yml`, JSON.stringify(config))}`,
    `--storage.tsdb.path=${join(stage.directory, name)}`,
    '--web.listen-address=127.0.0.1:0',
    ...flags,
  ]);
  const [, address = ''] = await program.said(/msg="Listening on" address=(\S+)/);
  await program.said(/Server is ready to receive web requests/);
  const ask = async (path: string) => {
    const { body } = await http(`http://${address}/api/v1/${path}`);
    const { status, error, data } = JSON.parse(body);
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  };
  const result = async (expression: string) =>
    (await ask(`query?query=${encodeURIComponent(expression)}`)).result as readonly Found[];
  const query = async (expression: string): Promise<readonly Series[]> => {
    return (await result(expression)).map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  };
  return {
    address,
    query,
    value: async (expression) => {
      const found = await query(expression);
      if (found.length > 1) throw new Error(`${expression} has ${found.length} series`);
      return found[0]?.value;
    },
    samples: async (range) => {
      const found = await result(range);
      if (found.length > 1) throw new Error(`${range} has ${found.length} series`);
      return (found[0]?.values ?? []).map(([at, value]) => [at, Number(value)]);
    },
    targets: async () => (await ask('targets?state=active')).activeTargets,
  };
}
