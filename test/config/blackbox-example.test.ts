import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configOf } from './reading.ts';

const text = readFileSync(new URL('../fixtures/blackbox-example.yml', import.meta.url), 'utf8');
const written = Object.entries((parse(text) as { modules: Record<string, { timeout?: string }> }).modules);

describe('a file as the documentation of blackbox_exporter describes it', () => {
  const config = configOf(text);

  it('loads without a warning', () => {
    expect(config.warnings).toEqual([]);
  });

  it.each(written)('has the module %s, which can be used', (name, { timeout }) => {
    const module = config.modules.get(name);
    expect(module).toBeDefined();
    expect(module?.timeoutMs).toBe(timeout === undefined ? undefined : Number.parseInt(timeout, 10) * 1000);
  });

  it('is written back as a file that loads, without its secrets', () => {
    const { effective } = config;
    expect(effective).not.toContain('not so secret');
    expect(configOf(effective).effective).toBe(effective);
  });
});
