import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { type Dashboard, type Finding, panelsOf } from './model.ts';

const SCHEMAS = JSON.parse(readFileSync(new URL('../../grafana/schema.json', import.meta.url), 'utf8')) as {
  readonly sdk: string;
} & Readonly<Record<string, object | undefined>>;

/** Of which version of the SDK the schemas are. */
export const SCHEMA_VERSION = SCHEMAS.sdk;

const ajv = new Ajv({ allErrors: true, strict: false });

/** What a dashboard has that the types of Grafana's SDK do not know. */
export function checkSchema(dashboard: Dashboard): Finding[] {
  const { panels, ...shell } = dashboard;
  const rows = panels.filter(({ type }) => type === 'row');
  return [
    ...check('dashboard.Dashboard', shell, 'dashboard'),
    ...rows.flatMap((row) => check('dashboard.RowPanel', { ...row, panels: [] }, row.title)),
    ...panelsOf(dashboard).flatMap(({ targets = [], ...panel }) => {
      const { title, options, fieldConfig } = panel;
      const module = panel.type.replace('-', '');
      return [
        ...check('dashboard.Panel', panel, title),
        ...check(`${module}.Options`, options, title),
        ...check(`${module}.FieldConfig`, fieldConfig?.defaults.custom, title),
        ...targets.flatMap((query) => check('prometheus.Dataquery', query, title)),
      ];
    }),
  ];
}

/** Some panels have no options of their own, and the list of alerts has no types. */
function check(type: string, value: unknown, where = ''): Finding[] {
  const schema = SCHEMAS[type];
  if (value === undefined || schema === undefined) return [];
  const validate = ajv.getSchema(type) ?? ajv.addSchema(schema, type).getSchema(type);
  if (validate === undefined || validate(value) === true) return [];
  const said = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'anyOf').map(inWords);
  return [...new Set(said)].map((what) => ({ rule: `schema ${type}`, where, what }));
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message} ${JSON.stringify(params)}`;
}
