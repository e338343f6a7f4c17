/** What a scrape of /metrics says of each target, by its address. */
export type Verdicts = {
  readonly up: ReadonlySet<string>;
  readonly down: ReadonlySet<string>;
  readonly reasons: ReadonlyMap<string, string>;
  readonly connectSeconds: ReadonlyMap<string, number>;
};

/** Reads the families that the bench judges from an exposition of many targets. */
export function verdicts(text: string): Verdicts {
  const up = new Set<string>();
  const down = new Set<string>();
  for (const { host, value } of samples(text, 'probe_success')) (value === 1 ? up : down).add(host);
  const reasons = new Map<string, string>();
  for (const { host, line } of samples(text, 'probe_failure_info')) reasons.set(host, label(line, 'reason') ?? '');
  const connectSeconds = new Map<string, number>();
  for (const { host, line, value } of samples(text, 'probe_tcp_duration_seconds')) {
    if (label(line, 'phase') === 'connect') connectSeconds.set(host, value);
  }
  return { up, down, reasons, connectSeconds };
}

type Sample = { readonly host: string; readonly line: string; readonly value: number };

function* samples(text: string, family: string): Generator<Sample> {
  const opening = `\n${family}{`;
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
    const line = text.slice(at + 1, text.indexOf('\n', at + 1));
    const host = label(line, 'target')?.split(':')[0] ?? '';
    yield { host, line, value: Number(line.slice(line.lastIndexOf('}') + 1)) };
  }
}

function label(line: string, name: string): string | undefined {
  return new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1];
}

/** The value of a sample without labels, as /probe writes it. */
export function plainValue(text: string, family: string): number {
  return Number(new RegExp(`^${family} (\\S+)$`, 'm').exec(text)?.[1]);
}
