import { describe, expect, it } from 'vitest';
import { configOf, group, problemsOf } from './reading.ts';

const AT = { location: 'zürich "1"' };
const WHY = 'is what --location="zürich \\"1\\"" sets for every target: remove it here, or start without --location';

describe('the location of the exporter', () => {
  it('is a label of every target, discovered ones included, beside those of the file', () => {
    const text = `discover: {local: true}\n${group('h:1', '{address: "h:2", labels: {team: a}}')}`;
    expect(configOf(text, ['127.0.0.1:22'], AT).targets.map(({ name, labels }) => [name, labels])).toEqual([
      ['h:1', AT],
      ['h:2', { ...AT, team: 'a' }],
      ['127.0.0.1:22', AT],
    ]);
  });

  it('leaves the label to the file where the exporter has none', () => {
    const text = group('{address: "h:1", labels: {location: oslo}}');
    expect(configOf(text).targets[0]?.labels).toEqual({ location: 'oslo' });
  });

  it('is not taken for what the file says: the effective configuration loads in the same place and elsewhere', () => {
    const text = group('{address: "h:1", labels: {team: a}}');
    const first = configOf(text, [], AT);
    expect(first.effective).not.toContain('location');
    expect(configOf(first.effective, [], AT).targets).toEqual(first.targets);
    expect(configOf(first.effective, [], { location: 'oslo' }).targets[0]?.labels).toEqual({
      location: 'oslo',
      team: 'a',
    });
  });

  it('refuses a label of the same name wherever the file has one, and says which to remove', () => {
    const text = `groups:
  - name: g
    labels: { team: a, location: oslo }
    targets:
      - h:1
      - { address: "h:2", labels: { location: 'zürich "1"' } }
`;
    expect(problemsOf(text, AT)).toEqual([
      `c.yml:3:24: groups[0].labels.location: ${WHY}`,
      `c.yml:6:37: groups[0].targets[1].labels.location: ${WHY}`,
    ]);
    expect(problemsOf(text)).toEqual([]);
  });
});
