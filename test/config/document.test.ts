import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configOf, group, problemsOf } from './reading.ts';

describe('YAML that is none', () => {
  it.each([
    ['groups:\n\t- name: g\n', 'c.yml:2:1: YAML is indented with spaces, not with tabs'],
    ['groups: [\n', 'c.yml:2:1: is not YAML: '],
    ['a: b: c\n', 'c.yml:1:4: is not YAML: '],
    [
      'discover: {local: true}\n---\ngroups: []\n',
      'c.yml:2:1: a second document starts here: one file holds one configuration',
    ],
    ['discover: {local: true}\n...\nx', 'c.yml:3:1: '],
    ['? [a, b]\n: c\n', 'c.yml:1:3: a key must be plain text'],
    ['"\\q": x\n', 'is not YAML: '],
    ['['.repeat(20_000), 'is nested too deeply to be read'],
    ['%YAML 9.9\n', 'is not YAML: '],
    ['groups: *nowhere\n', 'c.yml:1:9: '],
    [
      group('[::1]:22'),
      'c.yml:4:14: is not YAML: Unexpected scalar at node end: write an IPv6 address in quotes, "[::1]:22"',
    ],
    [group('{address: [fd00::1]:22}'), ': write an IPv6 address in quotes, "[fd00::1]:22"'],
  ])('%j is told where', (text, expected) => {
    const problems = problemsOf(text);
    expect(problems[0]).toContain(expected);
    for (const problem of problems) expect(problem).not.toContain('\n');
  });

  it('does not hide the problems beside it when it can still be read', () => {
    expect(problemsOf('discover: {local: 5, x: y}\ndefaults: {failures: 0}\ndefaults: {}\n')).toEqual([
      'c.yml:1:19: discover.local: must be true or false, not 5',
      'c.yml:1:22: discover.x: "x" is not a known key (known here: local, report)',
      'c.yml:2:22: defaults.failures: must be a whole number of at least 1, not 0',
      'c.yml:3:1: defaults: is given twice: keep one of them',
    ]);
  });
});

describe('anchors and aliases', () => {
  it('work, merge keys too, the own key winning', () => {
    const text = `
defaults: &common {interval: 2m, failures: 4}
groups:
  - name: g
    labels: &team {team: data}
    targets:
      - &first {<<: *common, name: first, address: "h:1", failures: 3}
      - {<<: [{severity: warning}, *first], name: second, labels: *team}
`;
    expect(configOf(text).targets).toMatchObject([
      { name: 'first', intervalMs: 120_000, failures: 3 },
      { name: 'second', address: 'h:1', failures: 3, severity: 'warning', labels: { team: 'data' } },
    ]);
  });

  it('may be used by thousands of targets', () => {
    const text = `groups:\n  - name: g\n    labels: &l {a: b}\n    targets:\n${Array.from({ length: 2000 }, (_, i) => `      - {address: "h${i}:1", labels: *l}\n`).join('')}`;
    expect(configOf(text).targets).toHaveLength(2000);
  });

  it('that multiply without end are refused', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(problemsOf(lines.join('\n'))).toEqual([
      'c.yml:1:1: comes to more than 1000000 values once its aliases are filled in: use fewer aliases',
    ]);
  });

  it.each([
    ['groups: &a [*a]\n', 'groups[0]: contains itself'],
    ['groups: *hush\n', 'groups: there is no anchor of that name before: put a text that begins with "*" in quotes'],
    ['groups: &hush\n', 'groups: is empty, as YAML takes what begins with "&" for something else: put it in quotes'],
    [
      'groups: [!hush]\n',
      'groups[0]: is empty, as YAML takes what begins with "!" for something else: put it in quotes',
    ],
    [
      'groups: [{<<: 5, name: g, targets: [h:1]}]\n',
      'groups[0]["<<"]: must be a mapping to merge in, or a list of them, not 5',
    ],
  ])('%j is refused', (text, expected) => {
    expect(problemsOf(text).join('\n')).toContain(expected);
  });

  it('are pointed at where they are used', () => {
    const text = 'groups:\n  - name: g\n    labels: &l {a: 5}\n    targets:\n      - {address: "h:1", labels: *l}\n';
    expect(problemsOf(text)).toEqual([
      'c.yml:3:20: groups[0].labels.a: must be text, not 5: put it in quotes',
      'c.yml:5:34: groups[0].targets[0].labels.a: must be text, not 5: put it in quotes',
    ]);
  });
});

describe('keys that JavaScript knows', () => {
  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is a key like any other', (key) => {
    expect(problemsOf(`${key}: {a: b}\n${group('h:1')}`)).toEqual([
      expect.stringContaining(`"${key}" is not a known key`),
    ]);
    expect(problemsOf(group(`{address: "h:1", ${key}: x}`))).toEqual([
      expect.stringContaining(`"${key}" is not a known key`),
    ]);
    expect(configOf(`modules: {${key}: {prober: tcp}}`).modules.has(key)).toBe(true);
  });
});

describe('thousands of problems', () => {
  const text = group(...Array.from({ length: 10_000 }, (_, i) => `h${i}:0`));

  it('are cut to a hundred and a number', () => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(101);
    expect(problems[99]).toContain('c.yml:103:9: groups[0].targets[99]');
    expect(problems[100]).toBe('c.yml:104:9: 9900 more problems from here on: repair the ones above first');
  });
});

describe('loadConfig', () => {
  const word = fc.constantFrom(
    'groups',
    'name',
    'targets',
    'address',
    'labels',
    'depends_on',
    'tls',
    'modules',
    'prober',
    'probe',
    'allow',
    'defaults',
    'discover',
    'local',
    '<<',
    'timeout',
    'h:1',
    'redis://h',
    '5s',
    'a',
  );
  const leaf = fc.oneof(word, fc.string(), fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(word, tie('tree'), { maxKeys: 5 }),
    ),
  }));

  function check(text: string): void {
    const loaded = loadConfig('c.yml', text, { listeners: () => [] });
    if (loaded.ok) return;
    expect(loaded.problems.length).toBeGreaterThan(0);
    const lines = text.split(/\r\n|[\r\n]/).length + 1;
    for (const problem of loaded.problems) {
      expect(problem.line).toBeGreaterThan(0);
      expect(problem.line).toBeLessThanOrEqual(lines);
      expect(formatProblem(problem)).not.toMatch(/[\n\r]|undefined|\[object/);
    }
  }

  it('never throws on arbitrary text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[-?:,[\]{}#&*!|>'"%@` \na-c0-1<]{0,60}$/)),
        check,
      ),
      { numRuns: 200 },
    );
  });

  it('never throws on arbitrary trees of known and unknown keys', () => {
    fc.assert(
      fc.property(tree, (value) => check(JSON.stringify(value))),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.dictionary(word, tree), (value) => check(JSON.stringify(value))),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.array(tree), (targets) => check(JSON.stringify({ groups: [{ name: 'g', targets }] }))),
      { numRuns: 200 },
    );
  });
});
