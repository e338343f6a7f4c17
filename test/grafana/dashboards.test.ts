import { describe, expect, test } from 'vitest';
import { dashboards, textOf } from '../../grafana/src/dashboards.ts';
import { HTTP_PHASES } from '../../src/checks/http-families.ts';
import { REASONS } from '../../src/core/reason.ts';
import { LAYERS } from '../../src/probe/layers.ts';
import { page } from '../docs/pages.ts';
import { contract } from './contract.ts';
import { committed, committedText, type Dashboard, NAMES, panelOf, panelsOf } from './model.ts';
import { lint } from './rules.ts';
import { checkSchema, SCHEMA_VERSION } from './schema.ts';

const uids = new Set(Object.values(dashboards()).flatMap(({ uid }) => uid ?? []));

describe.each(NAMES)('the dashboard %s', (name) => {
  test('is committed as it is built: npm run dashboards', () => {
    expect(committedText(name)).toBe(textOf(dashboards()[name] as object as never));
  });

  test('breaks no rule, and asks only for metrics and labels that the exporter has', async () => {
    expect(lint(committed(name), { contract: await contract(), uids })).toEqual([]);
  });
});

describe.each(NAMES)('the JSON of %s', (name) => {
  test('has nothing that the types of the SDK do not know', () => {
    expect(checkSchema(committed(name))).toEqual([]);
  });

  test.each([
    ['dashboard.Dashboard', (d: Dashboard) => Object.assign(d, { colour: 'red' })],
    ['dashboard.Panel', (d: Dashboard) => Object.assign(d.panels[0] ?? {}, { title: 7 })],
    ['stat.Options', (d: Dashboard) => Object.assign(d.panels[0]?.options ?? {}, { colorMode: 'loud' })],
    ['prometheus.Dataquery', (d: Dashboard) => Object.assign(d.panels[0]?.targets?.[0] ?? {}, { exemplars: true })],
    [
      'dashboard.RowPanel',
      (d: Dashboard) => Object.assign(d.panels.find(({ type }) => type === 'row') ?? {}, { open: 1 }),
    ],
    [
      'timeseries.FieldConfig',
      (d: Dashboard) =>
        Object.assign(panelsOf(d).find(({ type }) => type === 'timeseries')?.fieldConfig?.defaults ?? {}, {
          custom: { lineWidth: 'thick' },
        }),
    ],
  ])('is found out where it breaks the type %s', (type, make) => {
    const dashboard = committed(name);
    make(dashboard);
    expect(checkSchema(dashboard).map(({ rule }) => rule)).toContain(`schema ${type}`);
  });
});

describe('the dashboards', () => {
  test('are compared with the types of the SDK that is installed: npm run schema in grafana/preview', () => {
    const { devDependencies } = JSON.parse(page('package.json')) as { devDependencies: Record<string, string> };
    expect(SCHEMA_VERSION).toBe(`v${devDependencies['@grafana/grafana-foundation-sdk']}`);
  });

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
    const panel = panelsOf(committed('target')).find(({ title }) => title === 'Why it fails, and what to look at');
    const texts = JSON.stringify(panel?.fieldConfig);
    for (const [reason, advice] of Object.entries(REASONS)) {
      expect(texts).toContain(JSON.stringify(reason));
      expect(texts).toContain(JSON.stringify(advice));
    }
  });

  test('show every layer, the lowest first', () => {
    const panel = panelsOf(committed('target')).find(({ title }) => title === 'Layers over time');
    expect(panel?.targets?.map(({ legendFormat }) => legendFormat)).toEqual([...LAYERS]);
    expect(panel?.targets?.map(({ expr = '' }) => [...new Set(expr.match(/(?<=layer=")\w+/g))])).toEqual(
      LAYERS.map((layer) => [layer]),
    );
  });

  test('have a colour for every phase of HTTP', () => {
    const { fieldConfig } = panelOf(committed('target'), 'Time by phase of HTTP');
    const colored = fieldConfig?.overrides?.map(({ matcher }) => matcher.options) ?? [];
    expect(colored.sort()).toEqual([...HTTP_PHASES].sort());
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
