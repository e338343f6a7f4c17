import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { REASONS } from '../../src/core/reason.ts';
import { run } from '../helpers/e2e-program.ts';
import { needs } from '../helpers/programs.ts';
import { nameOf, type Rule, readRules } from './rules-mutants.ts';
import { promtool, RULES } from './rules-promtool.ts';

const TESTS = 'alerts/tests';
const FILES = readdirSync(TESTS);
const TEXT = readFileSync(RULES, 'utf8');
const { groups } = readRules(TEXT);
const ALERTS = groups.flatMap(({ rules }) => rules.filter(({ alert }) => alert !== undefined));
const NAMES = [...new Set(ALERTS.map(({ alert }) => alert ?? ''))].sort();

type Alert = { readonly exp_labels: Readonly<Record<string, string>> };
type Tests = {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly { readonly alertname: string; readonly exp_alerts: readonly Alert[] }[];
  }[];
};

const CHECKS = FILES.flatMap((file) => {
  const { tests } = parse(readFileSync(join(TESTS, file), 'utf8'), { maxAliasCount: -1 }) as Tests;
  return tests.flatMap(({ alert_rule_test: checks = [] }) => checks);
});

needs('promtool')('promtool has nothing to say against the rules', async () => {
  const { code, stdout } = await run(['promtool', 'check', 'rules', RULES]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/SUCCESS: \d+ rules found\s*$/)]);
});

for (const file of FILES) {
  needs('promtool')(`${TESTS}/${file} passes`, async () => {
    expect(await promtool([join(TESTS, file)])).toBe('');
  });
}

describe('every alert', () => {
  test.each(ALERTS.map((rule) => [nameOf(rule), rule] as const))('%s has a test in which it fires', (_, rule) => {
    const fixed = Object.entries(rule.labels ?? {}).filter(([, value]) => !value.includes('{{'));
    const firing = CHECKS.filter(({ alertname }) => alertname === rule.alert).flatMap(({ exp_alerts: found }) => found);
    expect(firing.some(({ exp_labels: labels }) => fixed.every(([name, value]) => labels[name] === value))).toBe(true);
  });

  test.each(NAMES.filter((name) => name !== 'Watchdog'))('%s has a test in which it stays quiet', (name) => {
    expect(CHECKS.some(({ alertname, exp_alerts: found }) => alertname === name && found.length === 0)).toBe(true);
  });

  test.each(ALERTS.map((rule) => [nameOf(rule), rule] as const))(
    '%s says what, where to read on, and how bad',
    (_, rule) => {
      expect(rule.labels?.['severity']).toMatch(/^(critical|warning|info|none|\{\{.*\}\})$/);
      expect(rule.annotations).toMatchObject({ summary: expect.any(String), description: expect.any(String) });
      expect(rule.annotations?.['runbook_url']).toBe(
        `https://github.com/port-exporter/port-exporter/blob/main/docs/runbooks/${rule.alert}.md`,
      );
    },
  );

  test('has no reason among its labels', () => {
    const labels = [...ALERTS.flatMap((rule) => Object.keys(rule.labels ?? {}))];
    const shown = CHECKS.flatMap(({ exp_alerts: found }) => found.flatMap(({ exp_labels: of }) => Object.keys(of)));
    expect([...labels, ...shown]).not.toContain('reason');
    expect([...labels, ...shown]).not.toContain('phase');
  });
});

describe('the rules', () => {
  test('give the advice of the exporter for every reason', () => {
    const annotation = ALERTS.find(({ alert }) => alert === 'PortDown')?.annotations?.['reason'] ?? '';
    const advice = Array.from(
      annotation.matchAll(/eq \.Labels\.reason "(\w+)" \}\}(.*?) ?\{\{-/g),
      ([, reason, text]) => [reason, text],
    );
    expect(Object.fromEntries(advice)).toEqual(REASONS);
  });

  test('read nothing but series of the job', () => {
    const selectors = groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => rawSelectors(expr)));
    expect(selectors.length).toBeGreaterThan(40);
    expect(selectors.filter((selector) => !selector.includes('job="port_exporter"'))).toEqual([]);
  });

  test('of PortDown are in one group, each after those that it reads', () => {
    const [port] = groups;
    const rules = port?.rules ?? [];
    for (const [index, rule] of rules.entries()) {
      const before = new Set(
        [...rules.slice(0, index + 1), ...laterOnPurpose(rule, rules)].map(({ record }) => record),
      );
      expect(recordsIn(rule.expr).filter((name) => !before.has(name))).toEqual([]);
    }
    expect(rules.slice(-3).map(({ alert }) => alert)).toEqual([
      'PortDown',
      'PortDownFromSomeLocations',
      'PortUnexpectedlyOpen',
    ]);
  });

  test('take the host from an address in one way', () => {
    const exprs = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
    const ways = exprs.flatMap((expr) => Array.from(expr.matchAll(/"host", ("[^"]*"), "target",\s*("[^"]*")/g)));
    expect(ways).toHaveLength(exprs.join('').split('"host", "').length - 1);
    expect(new Set(ways.map(([, by, pattern]) => `${by} ${pattern}`)).size).toBe(1);
  });

  test('normalise in the same way wherever instance may be the target', () => {
    for (const { rules } of groups)
      for (const { expr } of rules.filter((rule) => rule.expr.includes('target=""') && rule.record !== undefined)) {
        if (!expr.includes('label_replace')) continue;
        expect(expr.replaceAll(/\s+/g, ' ')).toContain(
          '"target", "$1", "instance", "(.+)"), "name", "$1", "instance", "(.+)")',
        );
      }
  });
});

/** What is read as the last evaluation left it. */
const LAST_TIME: Readonly<Record<string, string>> = {
  'port:probe_consecutive_failures': 'port:probe_success:timestamp',
  'target:probe_down:vote': 'target:probe_open:vote',
  'target:probe_down:held': 'target:probe_down:quorum',
  'target:probe_down:planned': 'target:probe_down:confirmed',
};

function laterOnPurpose({ record = '' }: Rule, rules: readonly Rule[]): readonly Rule[] {
  return rules.filter((rule) => rule.record !== undefined && rule.record === LAST_TIME[record]);
}

function recordsIn(expr: string): string[] {
  return [...new Set(Array.from(expr.matchAll(/\b(?:port|target|instance|exporter):[\w:]+/g), ([name]) => name))];
}

/** Metric names of the exporter and of Prometheus, with their selectors. */
function rawSelectors(expr: string): string[] {
  const names = /(?<![\w:"])(?:probe_\w+|port_exporter_\w+|up|scrape_duration_seconds)(?![\w:"(])(?:\{[^}]*\})?/g;
  // On the right of `unless`, series of other jobs match nothing.
  return Array.from(expr.matchAll(names), ([selector]) => selector).filter(
    (selector) => selector !== 'probe_failure_threshold',
  );
}
