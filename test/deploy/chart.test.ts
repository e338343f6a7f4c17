import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { page, ROOT, table } from '../docs/pages.ts';
import { chartValues, leafPaths, rowOf } from './chart-values.ts';

const CHART = 'deploy/helm/port-exporter';
const VALUES = parse(page(`${CHART}/values.yaml`));
const SCHEMA = JSON.parse(page(`${CHART}/values.schema.json`));
const validate = new Ajv({ allErrors: true }).compile(SCHEMA);

/** What a chart that has this one as a part says: for all of its parts, and in the condition of this one. */
const FROM_OUTSIDE = ['global', 'enabled'];

/** Which paths the schema has: those of groups of values are not among them. */
function schemaPaths(schema: { properties?: Record<string, object> }, path = ''): string[] {
  if (schema.properties === undefined) return [path];
  return Object.entries(schema.properties).flatMap(([key, inner]) =>
    schemaPaths(inner, path === '' ? key : `${path}.${key}`),
  );
}

describe('values.yaml', () => {
  const documented = chartValues(`${CHART}/values.yaml`);
  const paths = documented.map(({ path }) => path);

  test('has a comment for every value, and no value twice', () => {
    expect(leafPaths(VALUES, new Set(paths))).toEqual(paths);
    expect(new Set(paths).size).toBe(paths.length);
  });

  test('is in README.md, value for value, with the same words', () => {
    const rows = table(page(`${CHART}/README.md`), 'value');
    expect(rows).toEqual(documented.map(rowOf));
  });

  test('fits values.schema.json, which has the same values', () => {
    expect(validate(VALUES) ? [] : validate.errors).toEqual([]);
    expect(schemaPaths(SCHEMA).filter((path) => !FROM_OUTSIDE.includes(path))).toEqual(paths);
  });

  test('has a configuration that loads without a warning', () => {
    const loaded = loadConfig('values.yaml', JSON.stringify(VALUES.config), { listeners: () => [] });
    expect(loaded.ok ? loaded.config.warnings : loaded.problems).toEqual([]);
  });
});

describe('values.schema.json refuses', () => {
  test.each([
    ['a value that is unknown', { replica: 2 }],
    ['one of a group that is unknown', { image: { tga: 'x' } }],
    ['no exporter at all', { replicas: 0 }],
    ['a number as text', { replicas: '2' }],
    ['a digest that is none', { image: { digest: 'sha256:12' } }],
    ['a flag without dashes', { extraArgs: ['log.level=debug'] }],
    ['a configuration as text', { config: 'groups: []' }],
    ['a duration without a unit', { serviceMonitor: { interval: '60' } }],
    ['a name that Kubernetes refuses', { secrets: ['Shop_Passwords'] }],
    ['a port that needs rights', { service: { port: 80 } }],
    ['a label that is no text', { podLabels: { critical: true } }],
  ])('%s', (_, values) => {
    expect(validate(values)).toBe(false);
  });
});

describe('the chart', () => {
  test('has the rules of alerts/, byte for byte', async () => {
    // npx vitest run test/deploy --update writes it.
    await expect(page('alerts/port-exporter.rules.yml')).toMatchFileSnapshot(
      join(ROOT, CHART, 'files/port-exporter.rules.yml'),
    );
  });

  test('is of the version that package.json has', () => {
    const { version, appVersion } = parse(page(`${CHART}/Chart.yaml`));
    expect([version, appVersion]).toEqual(Array(2).fill(JSON.parse(page('package.json')).version));
  });

  test('has an example in README.md that the schema accepts and port-exporter loads', () => {
    const [, example = ''] = /^```yml\n(.*?)^```$/ms.exec(page(`${CHART}/README.md`)) ?? [];
    const values = parse(example);
    expect(validate(values) ? [] : validate.errors).toEqual([]);
    const loaded = loadConfig('README.md', JSON.stringify(values.config), { listeners: () => [] });
    expect(loaded.ok ? loaded.config.warnings : loaded.problems).toEqual([]);
  });
});
