import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCircles } from '../../src/config/circles.ts';
import { group, problemsOf } from './reading.ts';

function chain(...pairs: readonly (readonly [string, string])[]): string[] {
  return problemsOf(group(...pairs.map(([name, on]) => `{name: ${name}, address: "${name}:1", depends_on: [${on}]}`)));
}

describe('depends_on', () => {
  it('names the circle it goes round in', () => {
    expect(chain(['a', 'b'], ['b', 'a'])).toEqual([
      'c.yml:4:48: groups[0].targets[0].depends_on[0]: goes round in a circle: a -> b -> a',
    ]);
    expect(chain(['x', 'a'], ['a', 'b'], ['b', '"c:1"'], ['c', 'a'])).toEqual([
      expect.stringContaining('goes round in a circle: a -> b -> c -> a'),
    ]);
  });

  it('names every circle', () => {
    expect(chain(['a', 'b'], ['b', 'a'], ['c', 'd'], ['d', 'c'])).toHaveLength(2);
  });

  it('may meet in one target', () => {
    expect(chain(['a', 'b, c'], ['b', 'd'], ['c', 'd, d'], ['d', ''])).toEqual([]);
  });

  it('draws a long circle short', () => {
    const names = Array.from({ length: 300 }, (_, i) => `t${i}`);
    const problems = chain(...names.map((name, i) => [name, names[(i + 1) % names.length] ?? ''] as const));
    expect(problems).toEqual([expect.stringContaining('t0 -> t1 -> t2 -> t3 -> t4 -> (294 more) -> t299 -> t0')]);
  });

  it('suggests a name that is close', () => {
    expect(chain(['orders', 'ordres'])).toEqual([
      expect.stringContaining('no target has the name or address "ordres": did you mean orders?'),
    ]);
  });

  it('wants a name where an address is that of several targets', () => {
    const text = group(
      '{name: plain, address: "h:1"}',
      '{name: tls, address: "h:1", tls: true}',
      '{name: x, address: "x:1", depends_on: ["h:1"]}',
    );
    expect(problemsOf(text)).toEqual([
      expect.stringContaining(
        '"h:1" is the address of 2 targets (plain, tls): write the name of the one that is meant',
      ),
    ]);
  });

  it('on a target with another mistake is no mistake of its own', () => {
    const text = group(
      '{name: db, address: "db:0"}',
      'cache:0',
      '{name: x, address: "x:1", depends_on: [db, "cache:0"]}',
    );
    expect(problemsOf(text).map((problem) => problem.split(': ')[1])).toEqual([
      'groups[0].targets[0].address',
      'groups[0].targets[1]',
    ]);
  });
});

describe('findCircles', () => {
  const graph = fc
    .integer({ min: 1, max: 8 })
    .chain((size) => fc.array(fc.uniqueArray(fc.nat({ max: size - 1 })), { minLength: size, maxLength: size }));

  it('finds circles exactly where a target is reachable from itself', () => {
    fc.assert(
      fc.property(graph, (edges) => {
        const circles = findCircles(edges);
        expect(circles.length > 0).toBe(edges.some((_, from) => reachable(edges, from).has(from)));
        for (const circle of circles)
          for (const [i, node] of circle.entries()) expect(edges[node]).toContain(circle[(i + 1) % circle.length]);
      }),
    );
  });
});

function reachable(edges: readonly (readonly number[])[], from: number): Set<number> {
  const found = new Set<number>();
  const next = [...(edges[from] ?? [])];
  for (let node = next.pop(); node !== undefined; node = next.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    next.push(...(edges[node] ?? []));
  }
  return found;
}
