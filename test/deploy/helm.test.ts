import { expect } from 'vitest';
import { parse } from 'yaml';
import { SERVE_FLAGS } from '../../src/cli/flags.ts';
import { loadConfig } from '../../src/config/load.ts';
import { page } from '../docs/pages.ts';
import { runWell } from '../helpers/e2e-program.ts';
import { needs } from '../helpers/programs.ts';
import { CHART, containerOf, one, refusal, render } from './helm-render.ts';
import { objectsOf, problemsOf } from './kubernetes-objects.ts';

/** Every template switched on, with something in every value. */
const ALL = {
  image: { repository: 'registry.example.com/port-exporter', digest: `sha256:${'0a'.repeat(32)}` },
  imagePullSecrets: [{ name: 'registry' }],
  replicas: 3,
  location: '$(NODE_NAME)',
  secrets: ['shop-passwords', 'shop.tls'],
  webConfig: {
    existingSecret: 'web',
    tls: true,
    loginSecret: 'login',
    tlsConfig: { insecureSkipVerify: true },
  },
  extraArgs: ['--log.format=json'],
  extraEnv: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/port-exporter/secrets/shop.tls/ca.pem' }],
  openshift: true,
  service: { port: 9999, annotations: { a: 'b' } },
  serviceAccount: { annotations: { a: 'b' } },
  ping: true,
  podLabels: { team: 'sre' },
  podAnnotations: { a: 'b' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  priorityClassName: 'high',
  networkPolicy: { enabled: true, from: [{ podSelector: {} }], egress: [{}] },
  prometheusRule: { enabled: true, labels: { release: 'stack' } },
};

needs('helm')('helm finds no fault in the chart', async () => {
  expect(await runWell(['helm', 'lint', '--strict', CHART])).toContain('0 chart(s) failed');
});

needs('helm')('everything that it makes fits the schemas of Kubernetes, in one namespace', async (stage) => {
  const cases = [
    {},
    { sharding: true, serviceMonitor: { enabled: true } },
    { ...ALL, serviceMonitor: { enabled: true, labels: { release: 'stack' } } },
    { ...ALL, sharding: true, scrapeConfig: { enabled: true, labels: { release: 'stack' } } },
    { existingConfigMap: 'mine', podDisruptionBudget: { enabled: false }, networkPolicy: { enabled: true } },
  ];
  const kinds = new Set<string>();
  for (const values of cases) {
    const objects = await render(stage, values);
    expect(objects.flatMap(problemsOf)).toEqual([]);
    expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['watch']));
    for (const { kind } of objects) kinds.add(kind);
  }
  expect([...kinds].sort()).toEqual([
    'ConfigMap',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'PrometheusRule',
    'ScrapeConfig',
    'Service',
    'ServiceAccount',
    'ServiceMonitor',
    'StatefulSet',
  ]);
});

needs('helm')('its pods are as the plain manifests have them', async (stage) => {
  const [plain] = objectsOf(page('deploy/kubernetes/deployment.yaml'));
  const { spec } = one(await render(stage, {}), 'StatefulSet').spec.template;
  const expected = plain?.spec.template.spec;
  for (const key of ['securityContext', 'automountServiceAccountToken', 'terminationGracePeriodSeconds'])
    expect(spec[key]).toEqual(expected[key]);
  const [own] = spec.containers;
  const [other] = expected.containers;
  for (const key of ['securityContext', 'resources', 'ports']) expect(own[key]).toEqual(other[key]);
  expect(own.livenessProbe.httpGet.path).toBe(other.livenessProbe.httpGet.path);
  expect(own.readinessProbe.httpGet.path).toBe(other.readinessProbe.httpGet.path);
});

needs('helm')('OpenShift may choose whom they run as, and the environment can be added to', async (stage) => {
  const objects = await render(stage, ALL);
  const { securityContext } = one(objects, 'StatefulSet').spec.template.spec;
  expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  for (const key of ['runAsUser', 'runAsGroup', 'fsGroup']) expect(securityContext).not.toHaveProperty(key);
  const names = containerOf(objects).env.map(({ name }: { name: string }) => name);
  expect(names).toEqual(['NODE_NAME', 'POD_NAME', 'NODE_EXTRA_CA_CERTS']);
});

needs('helm')('the exporters get the configuration that the values have', async (stage) => {
  const groups = [{ name: 'web', targets: [{ name: 'shop', address: 'shop.internal:443', tls: true }] }];
  const objects = await render(stage, { config: { defaults: { interval: '30s' }, groups } });
  const text = one(objects, 'ConfigMap').data?.['port-exporter.yml'] ?? '';
  const loaded = loadConfig('port-exporter.yml', text, { listeners: () => [] });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.config.targets.map(({ name, intervalMs }) => [name, intervalMs])).toEqual([['shop', 30_000]]);
  const [mount] = containerOf(objects).volumeMounts;
  expect(containerOf(objects).args).toContain(`--config.file=${mount.mountPath}/port-exporter.yml`);
});

needs('helm')('a configuration that is there already is mounted instead', async (stage) => {
  const objects = await render(stage, { existingConfigMap: 'mine' });
  expect(objects.map(({ kind }) => kind)).not.toContain('ConfigMap');
  const [volume] = one(objects, 'StatefulSet').spec.template.spec.volumes;
  expect(volume).toEqual({ name: 'config', configMap: { name: 'mine' } });
});

needs('helm')('it gives flags that port-exporter has', async (stage) => {
  const { args } = containerOf(await render(stage, ALL));
  const flags = args.map((arg: string) => arg.replace(/^--|=.*/g, ''));
  const known = new Set([...Object.keys(SERVE_FLAGS), 'web.config.file', 'location']);
  expect(flags.filter((flag: string) => !known.has(flag))).toEqual([]);
  expect(args).toEqual(
    expect.arrayContaining([
      '--web.listen-address=:9999',
      '--web.config.file=/etc/port-exporter/web/web.yml',
      '--location=$(NODE_NAME)',
      '--log.format=json',
    ]),
  );
});

needs('helm')('secrets are mounted by their names, for the group to read', async (stage) => {
  const objects = await render(stage, ALL);
  const mounts = containerOf(objects).volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  expect(mounts).toEqual([
    '/etc/port-exporter/config',
    '/etc/port-exporter/web',
    '/etc/port-exporter/secrets/shop-passwords',
    '/etc/port-exporter/secrets/shop.tls',
  ]);
  const secrets = one(objects, 'StatefulSet').spec.template.spec.volumes.slice(1);
  expect(secrets.map(({ secret }: { secret: object }) => secret)).toEqual([
    { secretName: 'web', defaultMode: 0o440 },
    { secretName: 'shop-passwords', defaultMode: 0o440 },
    { secretName: 'shop.tls', defaultMode: 0o440 },
  ]);
});

needs('helm')('an image with a digest is that one, whatever its tag', async (stage) => {
  const image = async (values: object) => containerOf(await render(stage, { image: values })).image;
  const version = JSON.parse(page('package.json')).version;
  expect(await image({})).toBe(`port-exporter:${version}`);
  expect(await image({ tag: 'ping' })).toBe('port-exporter:ping');
  const digest = `sha256:${'0a'.repeat(32)}`;
  expect(await image({ tag: 'ping', digest })).toBe(`port-exporter@${digest}`);
});

needs('helm')('the kubelet asks as far as it gets without password and certificate', async (stage) => {
  const probe = async (webConfig: object) => containerOf(await render(stage, { webConfig })).livenessProbe;
  const existingSecret = 'web';
  expect(await probe({})).toMatchObject({ httpGet: { path: '/-/healthy', port: 'http' } });
  for (const webConfig of [{ existingSecret }, { existingSecret, tls: true }, { existingSecret, loginSecret: 'login' }])
    expect(await probe(webConfig)).toEqual({ tcpSocket: { port: 'http' }, periodSeconds: 10, timeoutSeconds: 5 });
});

needs('helm')('Prometheus is told of every exporter, of its shard, and how to get in', async (stage) => {
  const objects = await render(stage, { ...ALL, sharding: true, scrapeConfig: { enabled: true } });
  const { httpSDConfigs, basicAuth, tlsConfig } = one(objects, 'ScrapeConfig').spec;
  expect(httpSDConfigs.map(({ url }: { url: string }) => url)).toEqual(
    [0, 1, 2].map((i) => `https://ports-port-exporter-${i}.ports-port-exporter-pods.watch.svc:9999/sd?shard=${i}/3`),
  );
  const { serviceName, replicas } = one(objects, 'StatefulSet').spec;
  expect([serviceName, replicas]).toEqual(['ports-port-exporter-pods', 3]);
  const login = { username: { name: 'login', key: 'username' }, password: { name: 'login', key: 'password' } };
  for (const access of [...httpSDConfigs, { basicAuth, tlsConfig }])
    expect(access).toMatchObject({ basicAuth: login, tlsConfig: { insecureSkipVerify: true } });

  const equals = one(await render(stage, { scrapeConfig: { enabled: true } }), 'ScrapeConfig').spec;
  expect(equals.httpSDConfigs.map(({ url }: { url: string }) => url)).toEqual(
    [0, 1].map((i) => `http://ports-port-exporter-${i}.ports-port-exporter-pods.watch.svc:9715/sd`),
  );
});

needs('helm')('exporters of several places have names of their own', async (stage) => {
  const instance = async (values: object) => {
    const objects = await render(stage, values);
    const rules = [
      ...(objects.find(({ kind }) => kind === 'ScrapeConfig')?.spec.relabelings ?? []),
      ...(objects.find(({ kind }) => kind === 'ServiceMonitor')?.spec.endpoints[0].relabelings ?? []),
    ];
    return rules.find(({ targetLabel }: { targetLabel?: string }) => targetLabel === 'instance').replacement;
  };
  for (const key of ['scrapeConfig', 'serviceMonitor']) {
    const enabled = { [key]: { enabled: true } };
    expect(await instance({ ...enabled, location: 'frankfurt' })).toBe('$1.frankfurt');
    expect(await instance({ ...enabled, location: '$(NODE_NAME)' })).toBe('$1');
    expect(await instance(enabled)).toBe('$1');
  }
});

needs('helm')('a ServiceMonitor makes the number of a pod its shard', async (stage) => {
  const relabelings = async (sharding: boolean) =>
    one(await render(stage, { sharding, replicas: 4, serviceMonitor: { enabled: true } }), 'ServiceMonitor').spec
      .endpoints[0].relabelings;
  const shard = { sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: '__param_shard' };
  const found = (await relabelings(true)).find(
    (one: object) => 'targetLabel' in one && one.targetLabel === shard.targetLabel,
  );
  expect(found).toEqual({ ...shard, regex: '.+-(\\d+)', replacement: '$1/4' });
  expect(JSON.stringify(await relabelings(false))).not.toContain('__param_shard');
  expect(await relabelings(false)).toContainEqual({ targetLabel: 'job', replacement: 'port_exporter' });
});

needs('helm')('the rules are those of alerts/', async (stage) => {
  const rules = one(await render(stage, { prometheusRule: { enabled: true } }), 'PrometheusRule');
  expect(rules.spec).toEqual(parse(page('alerts/port-exporter.rules.yml')));
});

needs('helm')('values that make no sense are refused with what is wrong', async (stage) => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ replica: 3 }, /replica is not allowed/],
    [{ replicas: 0 }, /replicas: Must be greater than or equal to 1/],
    [{ serviceMonitor: { enabled: true }, scrapeConfig: { enabled: true } }, /every target would be probed twice/],
    ...['--web.route-prefix=/ports', '--web.external-url=http://x/', '--config.check', '--location=a'].map(
      (flag) => [{ extraArgs: [flag] }, new RegExp(`extraArgs: ${flag} is of the chart`)] as const,
    ),
    [{ serviceMonitor: { interval: '10s' } }, /scrapeTimeout 20s is longer than serviceMonitor\.interval 10s/],
    [{ serviceMonitor: { interval: '1m', scrapeTimeout: '1m1ms' } }, /scrapeTimeout 1m1ms is longer/],
    [{ webConfig: { tls: true } }, /webConfig\.tls needs webConfig\.existingSecret/],
    [{ webConfig: { loginSecret: 'login' } }, /webConfig\.loginSecret is of no use without webConfig\.existingSecret/],
  ];
  for (const [values, message] of cases) expect(await refusal(stage, values)).toMatch(message);
});
