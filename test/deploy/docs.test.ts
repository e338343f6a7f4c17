import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { blocks, exists, page, ROOT, typedCommands } from '../docs/pages.ts';

const PAGE = 'docs/deployment.md';
const TEXT = page(PAGE);

describe('docs/deployment.md', () => {
  test('has two files beside the configurations: of the bridge, and values of the chart', () => {
    const files = blocks('yml').filter((block) => block.page === PAGE);
    expect(files.map(({ text }) => Object.keys(parse(text))[0])).toEqual(['bearer_token_file', 'image']);
  });

  test('has values that the chart accepts and port-exporter loads', () => {
    const found = blocks('yml').find((block) => block.page === PAGE && block.text.startsWith('image:'));
    const values = parse(found?.text ?? '');
    const validate = new Ajv().compile(JSON.parse(page('deploy/helm/port-exporter/values.schema.json')));
    expect(validate(values) ? [] : validate.errors).toEqual([]);
    const loaded = loadConfig('values.yml', JSON.stringify(values.config), { listeners: () => [] });
    expect(loaded.ok ? loaded.config.warnings : loaded.problems).toEqual([]);
  });

  test('types only files that are there', () => {
    const typed = typedCommands()
      .filter((command) => command.page === PAGE)
      .flatMap(({ command }) =>
        Array.from(command.matchAll(/(?<=[ =])(?:deploy|config|alerts)\/\S+/g), ([path]) => path),
      );
    expect(typed.length).toBeGreaterThan(8);
    expect(typed.filter((path) => !exists(path))).toEqual([]);
  });

  test('names every directory of deploy/', () => {
    for (const directory of readdirSync(join(ROOT, 'deploy')))
      if (directory !== 'compose') expect(TEXT).toContain(`](../deploy/${directory}`);
  });

  test('builds stages of the Dockerfile that there are', () => {
    const stages = Array.from(TEXT.matchAll(/--target (\S+)/g), ([, stage]) => stage);
    expect(stages).toEqual(['run-with-ping']);
    for (const stage of stages) expect(page('Dockerfile')).toContain(` AS ${stage}\n`);
  });
});
