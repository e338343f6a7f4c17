import { describe, expect, test } from 'vitest';
import { type KubernetesObject, objectsOf, problemsOf } from './kubernetes-objects.ts';

const GOOD = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, labels: { any: thing } }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - { name: shop, image: shop, resources: { limits: { memory: 1Gi } }, livenessProbe: { httpGet: { port: http, path: / } } }
`;

/** The object with one thing written otherwise. */
function deployment(right = '', wrong = ''): KubernetesObject {
  const changed = GOOD.replace(right, wrong);
  expect(changed === GOOD).toBe(right === wrong);
  const [object] = objectsOf(changed);
  if (object === undefined) throw new Error('no object');
  return object;
}

describe('the schemas of Kubernetes', () => {
  test('have nothing against what is right', () => {
    expect(problemsOf(deployment())).toEqual([]);
  });

  test.each([
    ['replicas: 2', 'replicas: two', /^Deployment: .*\/spec\/replicas must be integer/],
    ['image: shop', 'imgae: shop', 'Deployment/spec/template/spec/containers/0/imgae is unknown'],
    ['path: /', 'paht: /', 'Deployment/spec/template/spec/containers/0/livenessProbe/httpGet/paht is unknown'],
    ['replicas:', 'replicsa:', 'Deployment/spec/replicsa is unknown'],
    ['  selector: { matchLabels: { app: shop } }\n', '', /must have required property selector/],
    ['\nspec:', '\nsepc:', /^Deployment\/sepc/],
    ['apps/v1', 'apps/v9', 'there is no schema of apps/v9 Deployment'],
    ['memory: 1Gi', 'memory: [1Gi]', /^Deployment: .*\/memory must be/],
  ])('find %j written as %j', (right, wrong, problem) => {
    expect(problemsOf(deployment(right, wrong)).join('\n')).toMatch(problem);
  });

  test('refuse a file that has a key twice', () => {
    expect(() => objectsOf('a: 1\na: 2\n')).toThrow(/unique/);
  });
});
