import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configOf } from './reading.ts';

const read = (file: string) => readFileSync(new URL(`../../config/${file}`, import.meta.url), 'utf8');

describe('config/port-exporter.yml', () => {
  const shipped = read('port-exporter.yml');

  it('works as it is: it watches what listens on this machine', () => {
    const config = configOf(shipped, ['127.0.0.1:22']);
    expect(config.targets.map((target) => target.name)).toEqual(['127.0.0.1:22']);
    expect(config.warnings).toEqual([]);
  });

  it('works with every example in it uncommented', () => {
    // Prose is "# text"; what follows the mark directly, or is indented further, is an example.
    const uncommented = shipped.replace(/^#(?! \S)/gm, '');
    expect(uncommented).not.toBe(shipped);
    const config = configOf(uncommented, ['127.0.0.1:22']);
    expect(config.targets.map((target) => target.name)).toEqual([
      'orders-db.internal:5432',
      'sessions',
      'shop',
      '127.0.0.1:22',
    ]);
    expect(config.warnings).toEqual([]);
  });
});

describe('config/example.yml', () => {
  it('loads without a warning', () => {
    const config = configOf(read('example.yml'));
    expect(config.targets.length).toBeGreaterThan(8);
    expect(config.warnings).toEqual([]);
  });
});
