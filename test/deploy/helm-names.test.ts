import { expect, test } from 'vitest';
import { page } from '../docs/pages.ts';
import { needs } from '../helpers/programs.ts';
import { one, render } from './helm-render.ts';

needs('helm')('names that YAML takes for something else stay names', async (stage) => {
  const values = {
    priorityClassName: '1000',
    existingConfigMap: '123',
    secrets: ['1e3', 'true'],
    webConfig: { existingSecret: '0x10', loginSecret: '456' },
    serviceMonitor: { enabled: true },
    networkPolicy: { enabled: true },
  };
  const objects = await render(stage, values, { name: 'no', namespace: '0123' });
  for (const { metadata } of objects)
    expect(metadata).toMatchObject({ namespace: '0123', name: expect.stringMatching(/^no-/) });
  const { selector } = one(objects, 'Service').spec;
  expect(selector['app.kubernetes.io/instance']).toBe('no');
  const pod = one(objects, 'StatefulSet').spec.template.spec;
  expect(pod.priorityClassName).toBe('1000');
  const volumes = JSON.stringify(pod.volumes);
  for (const name of ['"name":"123"', '"secretName":"1e3"', '"secretName":"true"', '"secretName":"0x10"'])
    expect(volumes).toContain(name);
  expect(JSON.stringify(one(objects, 'ServiceMonitor').spec)).toContain('"name":"456"');
});

needs('helm')('a release may have a dot in its name, a service may not', async (stage) => {
  const objects = await render(stage, {}, { name: 'a.b', namespace: 'watch' });
  for (const { metadata } of objects) expect(metadata.name).toMatch(/^a-b-port-exporter/);
});

test.each(['deploy/kubernetes/networkpolicy.yaml', 'deploy/helm/port-exporter/templates/networkpolicy.yaml'])(
  '%s keeps exporters from every metadata service that the exporter knows',
  (file) => {
    const lists = Array.from(page(file).matchAll(/except: \[(.*)\]/g), ([, list = '']) => list.split(', '));
    const blocks = lists.flat().map((block) => block.replaceAll('"', '').replace(/\/(?:32|128)$/, ''));
    const [, source = ''] = /const METADATA = \[([^\]]*)\]/.exec(page('src/core/ip.ts')) ?? [];
    const known = Array.from(source.matchAll(/'([^']+)'/g), ([, block]) => block);
    expect(known.length).toBeGreaterThan(8);
    expect(blocks.toSorted()).toEqual(known.toSorted());
  },
);
