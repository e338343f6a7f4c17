import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SERVE_FLAGS } from '../../src/cli/flags.ts';
import { loadConfig } from '../../src/config/load.ts';
import { parseShard } from '../../src/probe/shard.ts';
import { page, ROOT } from '../docs/pages.ts';
import { type KubernetesObject, objectsOf, problemsOf } from './kubernetes-objects.ts';

const DIRECTORY = 'deploy/kubernetes';
const RULES = 'alerts/port-exporter.rules.yml';
const FILES = readdirSync(join(ROOT, DIRECTORY), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .sort();

function inFile(name: string): KubernetesObject[] {
  return objectsOf(page(join(DIRECTORY, name)));
}

function one(file: string, kind: string): KubernetesObject {
  const found = inFile(file).find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`${file} has no ${kind}`);
  return found;
}

const DEPLOYMENT = one('deployment.yaml', 'Deployment');
const SHARDS = one('shards.yaml', 'StatefulSet');
const SERVICE = one('service.yaml', 'Service');

describe.each(FILES)('deploy/kubernetes/%s', (file) => {
  test('has objects that Kubernetes or the operator knows, with keys that they know', () => {
    expect(inFile(file).length).toBeGreaterThan(0);
    expect(inFile(file).flatMap(problemsOf)).toEqual([]);
  });

  test('puts everything into one namespace', () => {
    const namespaces = inFile(file).map(({ kind, metadata }) =>
      kind === 'Namespace' ? metadata.name : metadata.namespace,
    );
    expect(new Set(namespaces)).toEqual(new Set(['port-exporter']));
  });
});

test('no two files of one kind have the same name, but for the two ways to run the exporter', () => {
  const names = FILES.flatMap((file) => inFile(file).map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  expect(new Set(names).size).toBe(names.length);
});

describe.each([DEPLOYMENT, SHARDS])('the pods of the $kind', ({ spec: { template, selector } }) => {
  const [container] = template.spec.containers;

  test('meet the strictest standard of Kubernetes, and cannot write', () => {
    expect(template.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(template.spec.automountServiceAccountToken).toBe(false);
    expect(one('namespace.yaml', 'Namespace').metadata.labels).toEqual({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
  });

  test('are the user that the image has', () => {
    const { runAsUser, runAsGroup } = template.spec.securityContext;
    expect(page('Dockerfile')).toContain(`USER ${runAsUser}:${runAsGroup}\n`);
  });

  test('are asked for their health where they listen', () => {
    expect(container.livenessProbe.httpGet).toEqual({ path: '/-/healthy', port: 'http' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/-/ready', port: 'http' });
    const port = Number(SERVE_FLAGS['web.listen-address'].defaultText?.slice(1));
    expect(container.ports).toEqual([{ name: 'http', containerPort: port }]);
  });

  test('have limits', () => {
    expect(container.resources).toMatchObject({ requests: { memory: expect.anything() }, limits: { memory: '512Mi' } });
  });

  test('are started with flags that there are, and a configuration that is mounted', () => {
    const flags = container.args.map((arg: string) => arg.replace(/^--|=.*/g, ''));
    expect(Object.keys(SERVE_FLAGS)).toEqual(expect.arrayContaining(flags));
    const [key = ''] = Object.keys(one('configmap.yaml', 'ConfigMap').data ?? {});
    expect(container.args).toContain(`--config.file=${container.volumeMounts[0].mountPath}/${key}`);
    expect(template.spec.volumes[0].configMap.name).toBe(one('configmap.yaml', 'ConfigMap').metadata.name);
  });

  test('are found by what looks for them', () => {
    const labels = template.metadata.labels;
    const selectors = [
      selector.matchLabels,
      SERVICE.spec.selector,
      one('shards.yaml', 'Service').spec.selector,
      one('poddisruptionbudget.yaml', 'PodDisruptionBudget').spec.selector.matchLabels,
      one('networkpolicy.yaml', 'NetworkPolicy').spec.podSelector.matchLabels,
    ];
    for (const found of selectors) expect(labels).toMatchObject(found);
  });
});

test('a shard is run as one of several equals is', () => {
  expect(SHARDS.spec.template).toEqual(DEPLOYMENT.spec.template);
});

test('the configuration of the example loads without a warning', () => {
  const { data = {} } = one('configmap.yaml', 'ConfigMap');
  const loaded = loadConfig('port-exporter.yml', data['port-exporter.yml'] ?? '', { listeners: () => [] });
  expect(loaded.ok ? loaded.config.warnings : loaded.problems).toEqual([]);
});

describe('the objects of prometheus-operator', () => {
  const read = (file: string, kind: string) => one(join('prometheus-operator', file), kind);

  test('have Prometheus call the job as the rules do', () => {
    const job = { targetLabel: 'job', replacement: 'port_exporter' };
    expect(read('servicemonitor.yaml', 'ServiceMonitor').spec.endpoints[0].relabelings).toContainEqual(job);
    expect(read('scrapeconfig.yaml', 'ScrapeConfig').spec.relabelings).toContainEqual(job);
    expect(read('probe.yaml', 'Probe').spec.jobName).toBe('port_exporter');
  });

  test('let only instance differ between two exporters that watch the same targets', () => {
    const { relabelings } = read('servicemonitor.yaml', 'ServiceMonitor').spec.endpoints[0];
    const { regex } = relabelings.find(({ action }: { action?: string }) => action === 'labeldrop');
    // What the operator adds. Source: prometheus-operator, pkg/prometheus/promcfg.go.
    expect(regex.split('|')).toEqual(['namespace', 'service', 'pod', 'container', 'endpoint', 'node']);
  });

  test('find the service, by a port that it has', () => {
    const { selector, endpoints } = read('servicemonitor.yaml', 'ServiceMonitor').spec;
    expect(SERVICE.metadata.labels).toMatchObject(selector.matchLabels);
    expect(one('shards.yaml', 'Service').metadata.labels).not.toMatchObject(selector.matchLabels);
    expect(SERVICE.spec.ports.map(({ name }: { name: string }) => name)).toContain(endpoints[0].port);
  });

  test('ask each pod of the StatefulSet for its shard', () => {
    const { name, namespace } = SHARDS.metadata;
    const { replicas, serviceName } = SHARDS.spec;
    expect(one('shards.yaml', 'Service').metadata.name).toBe(serviceName);
    const urls = Array.from(
      { length: replicas },
      (_, i) => `http://${name}-${i}.${serviceName}.${namespace}.svc:9715/sd?shard=${i}/${replicas}`,
    );
    const { httpSDConfigs } = read('scrapeconfig.yaml', 'ScrapeConfig').spec;
    expect(httpSDConfigs.map(({ url }: { url: string }) => url)).toEqual(urls);
    for (const url of urls) expect(parseShard(new URL(url).searchParams.get('shard') ?? '')).toBeDefined();
  });

  test('probe by a module that the configuration has, at the service', () => {
    const { module, prober } = read('probe.yaml', 'Probe').spec;
    const { modules } = parse(one('configmap.yaml', 'ConfigMap').data?.['port-exporter.yml'] ?? '');
    expect(Object.keys(modules)).toContain(module);
    expect(prober.url).toBe(`${SERVICE.metadata.name}.${SERVICE.metadata.namespace}.svc:${SERVICE.spec.ports[0].port}`);
  });

  test('have the rules of alerts/, all of them and unchanged', () => {
    expect(read('prometheusrule.yaml', 'PrometheusRule').spec).toEqual(parse(page(RULES)));
  });

  test('have the comments of the rules as well', async () => {
    // npx vitest run test/deploy --update writes it.
    await expect(ruleObject(page(RULES))).toMatchFileSnapshot(
      join(ROOT, DIRECTORY, 'prometheus-operator/prometheusrule.yaml'),
    );
  });
});

/** The rules as an object of prometheus-operator, their comments kept. */
function ruleObject(rules: string): string {
  const head = [
    '# Generated from alerts/port-exporter.rules.yml: change that, then npx vitest run test/deploy --update.',
    'apiVersion: monitoring.coreos.com/v1',
    'kind: PrometheusRule',
    'metadata:',
    '  name: port-exporter',
    '  namespace: port-exporter',
    '  labels:',
    '    app.kubernetes.io/name: port-exporter',
    'spec:',
  ];
  return `${head.join('\n')}\n${rules.replace(/^(?=.)/gm, '  ')}`;
}
