import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/config.ts';
import { RESERVED_LABELS } from '../../src/config/labels.ts';
import { loadConfig } from '../../src/config/load.ts';
import { KEYS } from '../../src/config/schema.ts';
import { configOf } from './reading.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

const blocks = Array.from(page.matchAll(/(<!-- refused -->\n)?```yaml\n(.*?)```/gs), ([, refused, text]) => ({
  refused: refused !== undefined,
  text: text ?? '',
}));

describe('docs/configuration.md', () => {
  it('lists every key there is and no other', () => {
    const documented = Array.from(page.matchAll(/^\| `([a-z0-9_.*[\]]+)` \|/gm), ([, key]) => key).filter(
      (key) => key !== 'any' && key !== 'configured',
    );
    const known = Object.entries(KEYS).flatMap(([prefix, keys]) => keys.map((key) => prefix + key));
    expect(documented.toSorted()).toEqual(known.toSorted());
  });

  it('names every label that is taken', () => {
    const sentence = /metrics have them already: (.*?) and all that start/s.exec(page)?.[1] ?? '';
    expect(Array.from(sentence.matchAll(/`(\w+)`/g), ([, name]) => name)).toEqual([...RESERVED_LABELS]);
  });

  it.each(blocks.filter(({ refused }) => !refused))(
    'has an example that loads without a warning: $text',
    ({ text }) => {
      expect(configOf(text).warnings).toEqual([]);
    },
  );

  it('shows the problems of its wrong example as they are', () => {
    const wrong = blocks.filter(({ refused }) => refused);
    expect(wrong).toHaveLength(1);
    const loaded = loadConfig('port-exporter.yml', wrong[0]?.text ?? '', { listeners: () => [] });
    const printed = loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n');
    expect(page).toContain(`\`\`\`text\n${printed}\n\`\`\`\n`);
  });
});
