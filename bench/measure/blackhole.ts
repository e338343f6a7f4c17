import type { Bench, Section } from '../bench.ts';
import { capturing } from '../capture.ts';
import { type Exporter, expectAllUp, type Scrape, startExporter } from '../exporter.ts';
import { milliseconds, seconds, whole } from '../format.ts';
import { errorCells, type LatencyError, latencyError, medianError } from '../latency-error.ts';
import { run } from '../processes.ts';
import { maximum, median } from '../statistics.ts';
import { answering, blackholed, range } from '../targets.ts';

const TIMEOUT_SECONDS = 5;
/** What Prometheus waits, less the offset: the scrape must be over by then whatever does not answer. */
const DEADLINE_SECONDS = 9.5;
const RULE = ['INPUT', '-d', '127.2.0.0/16', '-j', 'DROP'];

type Round = {
  readonly wall: number;
  readonly timeouts: number;
  readonly up: number;
  readonly error: LatencyError;
};

/** A tenth of the targets never answers: do the others notice? */
export async function measureBlackhole(bench: Bench): Promise<Section> {
  const { plan, directory, exporter: main } = bench;
  const hosts = range(plan.targets, (i) => (i % 10 === 0 ? blackholed(i) : answering(i)));
  await using exporter = await startExporter({ main, directory, hosts });
  // Before the packets are dropped everything is up; this is the warm-up.
  expectAllUp(await exporter.scrape(), hosts.length);
  expectAllUp(await exporter.scrape(), hosts.length);
  await run('iptables', ['-A', ...RULE]);
  try {
    const rounds: Round[] = [];
    for (let i = 0; i < plan.blackholeRounds; i++) {
      rounds.push(await observe(bench, exporter));
      bench.say(`blackhole: round ${i + 1} of ${plan.blackholeRounds}`);
    }
    return report(rounds, plan.targets);
  } finally {
    await run('iptables', ['-D', ...RULE]);
  }
}

async function observe(bench: Bench, exporter: Exporter): Promise<Round> {
  const { result, seen } = await capturing(bench.directory, () => exporter.scrape());
  return {
    wall: result.seconds,
    timeouts: timeouts(result),
    up: [...result.verdicts.up].filter((host) => host.startsWith('127.1.')).length,
    error: latencyError(result.verdicts.connectSeconds, seen),
  };
}

function timeouts({ verdicts: { down, reasons } }: Scrape): number {
  return [...down].filter((host) => host.startsWith('127.2.') && reasons.get(host) === 'timeout').length;
}

function report(rounds: readonly Round[], targets: number): Section {
  const silent = Math.ceil(targets / 10);
  const wall = median(rounds.map((round) => round.wall));
  const fewest = (pick: (round: Round) => number): number => -maximum(rounds.map((round) => -pick(round)));
  const timedOut = fewest((round) => round.timeouts);
  const up = fewest((round) => round.up);
  const error = medianError(rounds.map((round) => round.error));
  return {
    title: `${whole(silent)} black holes among ${whole(targets)} targets`,
    how:
      `Every tenth target's packets are dropped by iptables, timeout ${TIMEOUT_SECONDS} s; one scrape of /metrics with X-Prometheus-Scrape-Timeout-Seconds: 10. ` +
      `The latency error is that of the targets that answer, measured as above. Medians of ${rounds.length} rounds; counts are those of the worst round.`,
    goals: [
      {
        figure: 'black-holed targets reported with reason "timeout"',
        goal: `all ${whole(silent)}`,
        measured: whole(timedOut),
        met: timedOut === silent,
      },
      {
        figure: 'other targets up beside the black holes',
        goal: `all ${whole(targets - silent)}`,
        measured: whole(up),
        met: up === targets - silent,
      },
      {
        figure: 'wall time of the scrape with black holes',
        goal: `before its deadline, ${DEADLINE_SECONDS} s`,
        measured: seconds(wall),
        met: wall <= DEADLINE_SECONDS,
      },
      { figure: 'p99 error of the latency beside black holes', goal: '', measured: milliseconds(error.p99) },
    ],
    header: ['side', 'p50', 'p99', 'p99.9', 'worst'],
    rows: [[`port-exporter, the ${whole(up)} that answer`, ...errorCells(error)]],
    notes: [],
  };
}
