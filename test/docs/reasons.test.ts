import { describe, expect, test } from 'vitest';
import { PHASES, REASONS, type Reason } from '../../src/core/reason.ts';
import { codes, page, pages, table } from './pages.ts';

const PAGE = page('docs/reasons.md');

describe('docs/reasons.md', () => {
  test('lists every reason with the advice that the program prints, and no other', () => {
    const rows = table(PAGE, 'reason').map(([reason = '', , advice]) => [codes(reason)[0], advice]);
    expect(rows).toEqual(Object.entries(REASONS));
  });

  test('lists every phase in order', () => {
    expect(table(PAGE, 'phase').map(([phase = '']) => codes(phase)[0])).toEqual([...PHASES]);
  });

  test('puts reasons into phases that exist', () => {
    const phases = table(PAGE, 'reason').flatMap(([, phase = '']) => codes(phase));
    expect(phases.filter((phase) => !(PHASES as readonly string[]).includes(phase))).toEqual([]);
  });
});

describe('README.md', () => {
  test('gives reasons the advice that the program prints', () => {
    const rows = table(page('README.md'), 'reason').map(([reason = '', advice = '']) => [codes(reason)[0], advice]);
    expect(rows.length).toBeGreaterThan(3);
    for (const [reason, advice] of rows) expect(advice).toBe(REASONS[reason as Reason]);
  });
});

describe('every page', () => {
  test('shows the advice of a reason in the output of check and probe', () => {
    for (const { text } of pages()) {
      for (const [, reason, phase, advice] of text.matchAll(/^(?:DOWN|FAULT) .* (\w+) in (\w+)\s{2,}(.+)$/gm)) {
        expect(advice).toBe(REASONS[reason as Reason]);
        expect(PHASES).toContain(phase);
      }
    }
  });
});
