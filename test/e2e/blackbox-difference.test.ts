import { expect } from 'vitest';
import { casesOf } from '../helpers/blackbox-cases.ts';
import { DIFFERENCES } from '../helpers/blackbox-differences.ts';
import { startBlackbox } from '../helpers/e2e-blackbox.ts';
import { createAuthority } from '../helpers/e2e-certificates.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { http } from '../helpers/e2e-http.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import { needs } from '../helpers/programs.ts';

/** How long something took: measured by each for itself. */
const MEASURED = /_duration_seconds$|^probe_dns_lookup_time_seconds$|^probe_timeout_seconds$/;

type Series = ReadonlyMap<string, { readonly family: string; readonly value: number }>;

/** One thing that the two do not show alike. */
type Row = { readonly name: string; readonly family: string; readonly what: string };

needs('prometheus-blackbox-exporter', 'openssl')(
  'the same servers and modules give the same families, labels and values as blackbox_exporter, but for what docs/blackbox.md explains',
  async (stage) => {
    const authority = await createAuthority(stage, 'difference');
    const cases = await casesOf(stage, authority);
    const modules = Object.fromEntries(Object.entries(cases).map(([name, { module }]) => [name, module]));
    const [theirs, ours] = await Promise.all([
      startBlackbox(stage, { modules }),
      startExporter(stage, { config: { modules } }).then(({ address }) => address),
    ]);

    const rows: Row[] = [];
    for (const [name, { target, params = '' }] of Object.entries(cases)) {
      const path = `/probe?module=${encodeURIComponent(name)}&target=${encodeURIComponent(target)}${params}`;
      const [expected, found] = await Promise.all([probed(theirs, path), probed(ours, path)]);
      rows.push(...compared(name, expected, found));
    }

    const explained = (row: Row) =>
      DIFFERENCES.filter(({ family, of }) => family.test(row.family) && of.test(row.name));
    const unexplained = rows.filter((row) => explained(row).length === 0);
    expect(unexplained.map(({ name, what }) => `${name}: ${what}`)).toEqual([]);
    const used = new Set(rows.flatMap(explained));
    expect(DIFFERENCES.filter((difference) => !used.has(difference)).map(({ row }) => row)).toEqual([]);
  },
);

async function probed(exporter: string, path: string): Promise<Series> {
  const { status, body } = await http(`http://${exporter}${path}`);
  if (status !== 200) throw new Error(`${exporter}${path} is ${status}: ${body}`);
  return new Map(
    new Samples(body).all.map(({ name, labels, value }) => {
      const sorted = Object.entries(labels)
        .toSorted()
        .map(([key, text]) => `${key}=${JSON.stringify(text)}`);
      return [`${name}{${sorted.join(',')}}`, { family: name, value: MEASURED.test(name) ? 0 : value }];
    }),
  );
}

function compared(name: string, theirs: Series, ours: Series): Row[] {
  const rows: Row[] = [];
  for (const [series, { family, value }] of theirs) {
    const found = ours.get(series);
    if (found === undefined) rows.push({ name, family, what: `only there: ${series} ${value}` });
    else if (found.value !== value)
      rows.push({ name, family, what: `${series} is ${value} there and ${found.value} here` });
  }
  for (const [series, { family }] of ours)
    if (!theirs.has(series)) rows.push({ name, family, what: `only here: ${series}` });
  return rows;
}
