/** One line of a scrape. */
export type Sample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};

/** The samples of a scrape in the text format. */
export class Samples {
  readonly all: readonly Sample[];

  constructor(text: string) {
    this.all = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map(readSample);
  }

  /** The samples of a family that have at least these labels. */
  of(name: string, labels: Readonly<Record<string, string>> = {}): readonly Sample[] {
    const wanted = Object.entries(labels);
    return this.all.filter(
      (sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value),
    );
  }

  /** The value of the only such sample; undefined when there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.of(name, labels);
    if (found.length > 1) throw new Error(`${found.length} samples of ${name} have ${JSON.stringify(labels)}`);
    return found[0]?.value;
  }

  /** "reason in phase" of a failed target, or "up". */
  verdict(name: string): string {
    const [failure] = this.of('probe_failure_info', { name });
    if (failure !== undefined) return `${failure.labels['reason']} in ${failure.labels['phase']}`;
    return this.value('probe_success', { name }) === 1 ? 'up' : 'unknown';
  }
}

function readSample(line: string): Sample {
  const found = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (found === null) throw new Error(`no sample: ${line}`);
  const [, name = '', labelText = '', value = ''] = found;
  const pairs = labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  return { name, labels: Object.fromEntries(Array.from(pairs, ([, key, of]) => [key, of])), value: Number(value) };
}
