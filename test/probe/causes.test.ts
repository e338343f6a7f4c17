import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { causesOf } from '../../src/probe/causes.ts';

type Graph = Readonly<Record<string, readonly string[]>>;

/** What one of them is down because of; those that are down are written in capitals. */
function causes(graph: Graph, of: string): readonly string[] {
  return causesOf(
    { name: of, dependsOn: graph[of] ?? [] },
    (name) => (graph[name] === undefined ? undefined : { name, dependsOn: graph[name] }),
    ({ name }) => name === name.toUpperCase(),
  );
}

describe('what a target is down because of', () => {
  test.each<[string, Graph, readonly string[]]>([
    ['nothing, where it depends on nothing', { A: [] }, []],
    ['nothing, where all that it depends on is up', { A: ['b', 'c'], b: [], c: [] }, []],
    ['what it depends on', { A: ['B'], B: [] }, ['B']],
    ['what that depends on in turn', { A: ['B'], B: ['C'], C: [] }, ['C']],
    ['the nearest that has no excuse', { A: ['B'], B: ['c'], c: ['D'], D: [] }, ['B']],
    ['several', { A: ['B', 'C', 'd'], B: [], C: [], d: [] }, ['B', 'C']],
    ['one, by several ways', { A: ['B', 'C'], B: ['D'], C: ['D'], D: [] }, ['D']],
    ['one, near and far', { A: ['B', 'C'], B: ['C'], C: [] }, ['C']],
    ['one, far and near', { A: ['C', 'B'], B: ['C'], C: [] }, ['C']],
    ['nothing that is not known', { A: ['X'] }, []],
    ['not itself', { A: ['A'] }, []],
    ['nothing, where all have an excuse', { A: ['B'], B: ['A'] }, []],
  ])('%s', (_, graph, expected) => {
    expect(causes(graph, 'A')).toEqual(expected);
  });

  test('is found at the end of a long way', () => {
    const length = 5000;
    const graph = Object.fromEntries(
      Array.from({ length }, (_, i) => [`T${i}`, i + 1 === length ? [] : [`T${i + 1}`]] as const),
    );
    expect(causes(graph, 'T0')).toEqual([`T${length - 1}`]);
  });

  test('is whatever can be reached through what is down, and depends on nothing that is down', () => {
    const names = ['A', 'B', 'C', 'D', 'e', 'f'];
    // Each depends on later ones only: a configuration has no circles.
    const graphs = fc.tuple(...names.map((_, i) => fc.subarray(names.slice(i + 1))));
    fc.assert(
      fc.property(graphs, (lists) => {
        const graph = Object.fromEntries(names.map((name, i) => [name, lists[i] ?? []]));
        const downOf = (name: string) => (graph[name] ?? []).filter((other) => other === other.toUpperCase());
        const reached = new Set<string>();
        const walk = (name: string): void => {
          for (const other of downOf(name)) {
            reached.add(other);
            walk(other);
          }
        };
        walk('A');
        const expected = [...reached].filter((name) => downOf(name).length === 0);
        expect(causes(graph, 'A').toSorted()).toEqual(expected.toSorted());
      }),
    );
  });
});
