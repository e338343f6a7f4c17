import { describe, expect, test } from 'vitest';
import { ADVICE } from '../../grafana/src/advice.ts';
import { dashboards, textOf } from '../../grafana/src/dashboards.ts';
import { REASONS } from '../../src/core/reason.ts';
import { page } from '../docs/pages.ts';
import { contract } from './contract.ts';
import { committed, committedText, NAMES, panelsOf } from './model.ts';
import { lint } from './rules.ts';

const uids = new Set(Object.values(dashboards()).flatMap(({ uid }) => uid ?? []));

describe.each(NAMES)('the dashboard %s', (name) => {
  test('is committed as it is built: npm run dashboards', () => {
    expect(committedText(name)).toBe(textOf(dashboards()[name] as object as never));
  });

  test('breaks no rule, and asks only for metrics and labels that the exporter has', async () => {
    expect(lint(committed(name), { contract: await contract(), uids })).toEqual([]);
  });
});

describe('the dashboards', () => {
  test('are all that there are', () => {
    expect(Object.keys(dashboards())).toEqual([...NAMES]);
  });

  test('have the uids that alert rules and bookmarks name', () => {
    expect([...uids]).toEqual(['port-exporter-overview', 'port-exporter-target', 'port-exporter-exporter']);
    const links = page('alerts/port-exporter.rules.yml').matchAll(/\/d\/([\w-]+)\?var-(\w+)=/g);
    const named = new Set(Array.from(links, ([, uid, variable]) => `${uid} ${variable}`));
    expect(named).toEqual(new Set(['port-exporter-target target']));
    expect(committed('target').templating.list.map(({ name }) => name)).toContain('target');
  });

  test('give the advice that the program prints for each reason', () => {
    expect(ADVICE).toEqual(REASONS);
  });

  test('tell states apart by words, not only by colours', () => {
    const words = NAMES.flatMap((name) => panelsOf(committed(name))).flatMap(({ fieldConfig }) =>
      (fieldConfig?.defaults.mappings ?? []).flatMap(({ type, options }) =>
        type === 'value' ? Object.values(options as Record<string, { text?: string }>) : [],
      ),
    );
    expect(words.length).toBeGreaterThan(10);
    expect(words.filter(({ text = '' }) => text === '')).toEqual([]);
  });
});
