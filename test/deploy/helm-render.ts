import { join } from 'node:path';
import { expect } from 'vitest';
import { ROOT } from '../docs/pages.ts';
import { run, runWell } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { type KubernetesObject, objectsOf } from './kubernetes-objects.ts';

export const CHART = join(ROOT, 'deploy/helm/port-exporter');

/** What `helm template` makes of these values. */
export async function render(stage: Stage, values: object, release?: Release): Promise<KubernetesObject[]> {
  return objectsOf(await runWell(['helm', ...templateArgs(stage, values, release)]));
}

/** Why `helm template` refuses these values. */
export async function refusal(stage: Stage, values: object): Promise<string> {
  const { code, stderr } = await run(['helm', ...templateArgs(stage, values)]);
  expect(code).not.toBe(0);
  return stderr;
}

type Release = { readonly name: string; readonly namespace: string };

function templateArgs(
  stage: Stage,
  values: object,
  { name, namespace }: Release = { name: 'ports', namespace: 'watch' },
): string[] {
  const file = stage.write('values.yml', JSON.stringify(values));
  return ['template', name, CHART, `--namespace=${namespace}`, '--kube-version=1.30.0', `--values=${file}`];
}

export function one(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found;
}

export function containerOf(objects: readonly KubernetesObject[]) {
  return one(objects, 'StatefulSet').spec.template.spec.containers[0];
}
