/**
 * The circles in a graph, each as the way round from where it is entered first: [0, 1] for 0 -> 1 -> 0. One for each way back that a
 * depth-first walk meets, so none at all means that there is no circle. Walks without recursion: a chain may be as long as the file.
 */
export function findCircles(edges: readonly (readonly number[])[]): number[][] {
  const circles: number[][] = [];
  /** Where on the current way a node is; -1 when all that it leads to has been seen. */
  const seen = new Map<number, number>();
  for (const start of edges.keys()) if (!seen.has(start)) walk(start, edges, seen, circles);
  return circles;
}

type Step = { readonly node: number; next: number };

function walk(
  start: number,
  edges: readonly (readonly number[])[],
  seen: Map<number, number>,
  circles: number[][],
): void {
  const way: Step[] = [];
  const enter = (node: number) => {
    seen.set(node, way.length);
    way.push({ node, next: 0 });
  };
  enter(start);
  for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
    const to = edges[step.node]?.[step.next++];
    const met = to === undefined ? undefined : seen.get(to);
    if (to === undefined) {
      seen.set(step.node, -1);
      way.pop();
    } else if (met === undefined) enter(to);
    else if (met >= 0) circles.push(way.slice(met).map(({ node }) => node));
  }
}
