import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigStore } from '../../src/config/store.ts';
import { createLogger } from '../../src/core/log.ts';
import { ONCE, planned, TARGETS } from './planning.ts';
import { configOf, problemsOf } from './reading.ts';

/** The names of the windows of each target. */
function windowsOf(text: string, listeners: readonly string[] = []): Record<string, readonly string[]> {
  const { targets } = configOf(text, listeners);
  return Object.fromEntries(
    targets.map(({ name, maintenance = [] }) => [name, maintenance.map((window) => window.name)]),
  );
}

describe('maintenance', () => {
  it.each<[string, readonly string[]]>([
    [`{name: w, ${ONCE}}`, ['orders', 'orders again', 'cache:6379']],
    [`{name: w, targets: [orders], ${ONCE}}`, ['orders']],
    [`{name: w, targets: ["db:5432"], ${ONCE}}`, ['orders', 'orders again']],
    [`{name: w, targets: ["DB:5432", "cache:6379"], ${ONCE}}`, ['orders', 'orders again', 'cache:6379']],
    [`{name: w, targets: ["redis://cache"], ${ONCE}}`, ['cache:6379']],
    [`{name: w, groups: [g], ${ONCE}}`, ['orders', 'orders again', 'cache:6379']],
    [`{name: w, groups: [other], targets: [orders], ${ONCE}}`, ['orders', 'elsewhere:1']],
  ])('%s is for %j', (window, expected) => {
    const text = `${planned(window)}`.replace(
      'maintenance:',
      '  - name: other\n    targets: ["elsewhere:1"]\nmaintenance:',
    );
    const all = window.includes('targets') || window.includes('groups') ? expected : [...expected, 'elsewhere:1'];
    const found = Object.entries(windowsOf(text)).flatMap(([name, windows]) => (windows.length > 0 ? [name] : []));
    expect(found).toEqual(all);
  });

  it('is for discovered targets too: with all, and by their group', () => {
    const text = `discover: {local: true}\nmaintenance:\n  - {name: all, ${ONCE}}\n  - {name: by group, groups: [local], ${ONCE}}\n`;
    expect(windowsOf(text, ['127.0.0.1:22'])).toEqual({ '127.0.0.1:22': ['all', 'by group'] });
    expect(problemsOf(text)).toEqual([]);
  });

  it('leaves targets without a window as they are', () => {
    expect(configOf(planned(`{name: w, targets: [orders], ${ONCE}}`)).targets[2]).not.toHaveProperty('maintenance');
    expect(configOf(`${TARGETS}maintenance:\n`).targets[0]).not.toHaveProperty('maintenance');
    expect(configOf(`${TARGETS}maintenance: []\n`).targets[0]).not.toHaveProperty('maintenance');
  });

  it.each([
    [ONCE, { from: Date.UTC(2026, 10, 30, 22), until: Date.UTC(2026, 11, 1, 3) }],
    [
      'from: 2026-11-30T22:00Z, until: "2026-11-30T22:00:00.5Z"',
      { from: Date.UTC(2026, 10, 30, 22), until: Date.UTC(2026, 10, 30, 22, 0, 0, 500) },
    ],
    [
      'from: "22:00", until: "04:00", days: [sun, sat, sun], timezone: Europe/Zurich',
      { days: ['sun', 'sat'], from: 1320, until: 240, timezone: 'Europe/Zurich' },
    ],
    [
      'from: 00:00, until: 24:00',
      { days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from: 0, until: 1440, timezone: 'UTC' },
    ],
  ])('%s', (when, expected) => {
    const [target] = configOf(planned(`{name: w, ${when}}`)).targets;
    expect(target?.maintenance?.map((window) => window.when)).toEqual([expected]);
  });

  it('can be written back and means the same', () => {
    const text = planned(
      `{name: once, ${ONCE}}`,
      `{name: "a: b", targets: ["db:5432"], groups: [g], ${ONCE}}`,
      '{name: nightly, groups: [g], from: "22:00", until: "04:00", days: [sat, sun], timezone: Europe/Zurich}',
    );
    const first = configOf(text);
    expect(first.effective).toContain(`maintenance:
  - name: once
    from: "2026-11-30T22:00:00Z"
    until: "2026-12-01T03:00:00Z"
  - name: "a: b"
    targets:
      - orders
      - "orders again"
    groups:
      - g
    from: "2026-11-30T22:00:00Z"
    until: "2026-12-01T03:00:00Z"
  - name: nightly
    groups:
      - g
    days:
      - sun
      - sat
    from: "22:00"
    until: "04:00"
    timezone: Europe/Zurich
`);
    const second = configOf(first.effective);
    expect(second.targets).toEqual(first.targets);
    expect(second.effective).toBe(first.effective);
  });
});

describe('a window that is over', () => {
  const text = planned(
    `{name: disks, ${ONCE}}`,
    '{name: nightly, from: "22:00", until: "04:00"}',
    '{name: later, from: 2027-01-01T00:00:00Z, until: 2027-01-02T00:00:00Z}',
  );
  const OVER = 'the maintenance window "disks" is over since 2026-12-01T03:00:00Z: remove it';

  it.each([
    ['2026-11-01T00:00:00Z', []],
    ['2026-12-01T02:59:59.999Z', []],
    ['2026-12-01T03:00:00Z', [OVER]],
  ])('is a warning from its end on: %s', (now, warnings) => {
    const loaded = loadConfig('c.yml', text, { listeners: () => [], now: () => Date.parse(now) });
    expect(loaded.ok && loaded.config.warnings).toEqual(warnings);
  });

  it('is in the log of every load', async () => {
    const logged: string[] = [];
    const now = () => Date.parse('2026-12-24T00:00:00Z');
    const log = createLogger({ level: 'warn', format: 'logfmt', write: (line) => logged.push(line), now });
    const store = new ConfigStore({ file: 'c.yml', read: async () => text, listeners: () => [], log, now });
    await store.load();
    expect(logged.join('')).toContain('the maintenance window \\"disks\\" is over');
  });
});
