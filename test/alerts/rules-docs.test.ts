import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { runWell } from '../helpers/e2e-program.ts';
import { needs } from '../helpers/programs.ts';
import { type Rule, readRules } from './rules-mutants.ts';
import { RULES } from './rules-promtool.ts';

const PAGE = readFileSync('docs/alerts.md', 'utf8');
const RUNBOOKS = 'docs/runbooks';
const ALERTS = readRules(readFileSync(RULES, 'utf8')).groups.flatMap(({ rules }) =>
  rules.filter(({ alert }) => alert !== undefined),
);
const NAMES = [...new Set(ALERTS.map(({ alert }) => alert ?? ''))].sort();

/** Name, severity, for and keep_firing_for, as the page writes them. */
function rowOf(rule: Rule): string {
  const severity = rule.labels?.['severity'] ?? '';
  const written = severity.includes('query')
    ? 'critical, or warning'
    : severity.includes('{{')
      ? 'of the target'
      : severity;
  return [rule.alert, written, rule.for ?? '', rule.keep_firing_for ?? ''].join(' | ');
}

describe('docs/alerts.md', () => {
  test('lists every alert with its severity and its times, and no other', () => {
    const listed = Array.from(
      PAGE.matchAll(/^\| \[(\w+)\]\(runbooks\/(\w+)\.md\) \| ([^|]+) \| [^|]+ \| ([^|]*)\| ([^|]*)\|$/gm),
      ([, name, link, severity, wait = '', keep = '']) => {
        expect(link).toBe(name);
        return [name, severity, wait.trim(), keep.trim()].join(' | ');
      },
    );
    // Both causes, dependency and dns, are one row.
    expect(listed.sort()).toEqual([...new Set(ALERTS.map(rowOf))].sort());
  });

  test('shows thresholds that are in the rules', () => {
    const rules = readFileSync(RULES, 'utf8');
    const [, table = ''] = PAGE.split('## What you may want to change');
    const shown = Array.from(table.matchAll(/^\| (`.*?) \|/gm), ([, cell = '']) => cell).flatMap((cell) =>
      Array.from(cell.matchAll(/`([^`]+)`/g), ([, code = '']) => code),
    );
    expect(shown.length).toBeGreaterThan(8);
    expect(shown.filter((code) => !rules.includes(code))).toEqual([]);
  });

  const blocks = Array.from(PAGE.matchAll(/```yaml\n(.*?)```/gs), ([, text = '']) => text);
  for (const [index, text] of blocks.entries()) {
    needs('promtool')(`has a configuration ${index + 1} that Prometheus takes`, async (stage) => {
      const file = stage.write('prometheus.yml', text);
      expect(await runWell(['promtool', 'check', 'config', file])).toContain('SUCCESS');
      expect(text).toContain('job_name: port_exporter');
    });
  }
});

describe('docs/runbooks', () => {
  test('has exactly one page for each alert', () => {
    expect(readdirSync(RUNBOOKS).sort()).toEqual(NAMES.map((name) => `${name}.md`));
  });

  test.each(NAMES)('%s says what it means, what it does to users, what to look at, and how to silence it', (name) => {
    const text = readFileSync(`${RUNBOOKS}/${name}.md`, 'utf8');
    expect(
      Array.from(text.matchAll(/^#+ .*/gm), ([heading]) => heading).filter((line) => !line.startsWith('# $')),
    ).toEqual([`# ${name}`, '## Meaning', '## Impact', '## Look at', '## Silence']);
    expect(Array.from(text.matchAll(/^(\d)\. /gm), ([, number]) => number)).toEqual(['1', '2', '3']);
  });

  needs('promtool')('asks Prometheus only what it understands', async (stage) => {
    const asked = readdirSync(RUNBOOKS).flatMap((page) =>
      Array.from(
        readFileSync(`${RUNBOOKS}/${page}`, 'utf8').matchAll(/```promql\n(.*?)```/gs),
        ([, text = '']) => text,
      ),
    );
    const lines = asked.flatMap((text) => text.split('\n').map((line) => line.trim())).filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(20);
    const rules = lines.map((expr, index) => ({
      record: `asked:${index}`,
      expr: /\[\w+\]$/.test(expr) ? `count_over_time(${expr})` : expr,
    }));
    const file = stage.write('asked.rules.yml', stringify({ groups: [{ name: 'asked', rules }] }));
    expect(await runWell(['promtool', 'check', 'rules', file])).toContain('SUCCESS');
  });
});
