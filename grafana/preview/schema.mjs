// Writes grafana/schema.json: JSON Schemas of what dashboards are made of, from the types of the SDK. To be run when the SDK changes.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const WANTED = {
  dashboard: ['Dashboard', 'Panel', 'RowPanel'],
  prometheus: ['Dataquery'],
  stat: ['Options'],
  bargauge: ['Options'],
  timeseries: ['Options', 'FieldConfig'],
  table: ['Options', 'FieldConfig'],
  statetimeline: ['Options', 'FieldConfig'],
  heatmap: ['Options', 'FieldConfig'],
};

const sdk = dirname(dirname(createRequire(import.meta.url).resolve('@grafana/grafana-foundation-sdk/dashboard')));
const { version } = JSON.parse(readFileSync(join(sdk, '..', 'package.json'), 'utf8'));
const tsconfig = join(mkdtempSync(join(tmpdir(), 'port-exporter-schema-')), 'tsconfig.json');
const compilerOptions = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  skipLibCheck: true,
  types: [],
};
writeFileSync(tsconfig, JSON.stringify({ compilerOptions }));

const common = { skipTypeCheck: true, additionalProperties: false, expose: 'all', jsDoc: 'none', tsconfig };
const lines = Object.entries(WANTED).flatMap(([module, types]) => {
  const path = join(sdk, module, 'types.gen.d.ts');
  return types.map((type) => {
    const schema = createGenerator({ ...common, path, type }).createSchema(type);
    return `${JSON.stringify(`${module}.${type}`)}: ${JSON.stringify(schema)}`;
  });
});
const file = new URL('../schema.json', import.meta.url);
writeFileSync(file, `{\n${[`"sdk": ${JSON.stringify(version)}`, ...lines].join(',\n')}\n}\n`);
