import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { exists, page, ROOT } from '../docs/pages.ts';
import { runWell } from '../helpers/e2e-program.ts';
import { needs } from '../helpers/programs.ts';

type Service = {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
};

const COMPOSE = parse(page('compose.yaml')) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};
const SERVICES = Object.entries(COMPOSE.services);
const CONFIGS = ['deploy/compose/watch.yml', 'deploy/compose/demo.yml'];

/** From where to where, the default taken where there is a variable. */
function mounts({ volumes = [] }: Service): { readonly from: string; readonly to: string }[] {
  return volumes.map((volume) => {
    const [from = '', to = ''] = volume.replace(/\$\{\w+:-([^}]*)\}/, '$1').split(':');
    return { from, to };
  });
}

describe('compose.yaml', () => {
  test('mounts only what is there, and volumes that it declares', () => {
    for (const { from } of SERVICES.flatMap(([, service]) => mounts(service)))
      expect(from.startsWith('./') ? exists(from) : Object.keys(COMPOSE.volumes).includes(from)).toBe(true);
  });

  test('gives every program the configuration that its command line names', () => {
    for (const [name, service] of SERVICES) {
      const named = (service.command ?? []).flatMap((flag) => /^--config\.file=(.*)$/.exec(flag)?.[1] ?? []);
      expect([name, mounts(service).map(({ to }) => to)]).toEqual([name, expect.arrayContaining(named)]);
    }
  });

  test('can be reached from this machine only', () => {
    const ports = SERVICES.flatMap(([, service]) => service.ports ?? []);
    expect(ports).toEqual(['127.0.0.1:9715:9715', '127.0.0.1:9090:9090', '127.0.0.1:9093:9093', '127.0.0.1:3000:3000']);
  });

  test('says which version of an image it wants', () => {
    for (const [name, { image = '' }] of SERVICES.filter(([service]) => service !== 'port-exporter'))
      expect(`${name} ${image}`).toMatch(/^\S+ [\w./-]+:v?\d/);
  });

  test('mounts the files of Grafana where they are looked for', () => {
    const found = mounts(COMPOSE.services['grafana'] ?? {});
    const provider = parse(page('grafana/provisioning/dashboards/port-exporter.yml'));
    expect(found).toContainEqual({ from: './grafana/dashboards', to: provider.providers[0].options.path });
    expect(found).toContainEqual({ from: './grafana/provisioning', to: '/etc/grafana/provisioning' });
    const home = COMPOSE.services['grafana']?.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
    expect(exists(home.replace(provider.providers[0].options.path, 'grafana/dashboards'))).toBe(true);
  });

  test('mounts the files of Alertmanager where its configuration looks for them', () => {
    const found = mounts(COMPOSE.services['alertmanager'] ?? {});
    expect(found).toContainEqual({ from: './alerts/secrets', to: '/etc/alertmanager/secrets' });
    expect(page('alerts/alertmanager.yml')).toContain('slack_api_url_file: /etc/alertmanager/secrets/');
    expect(found).toContainEqual({ from: './alerts/templates', to: '/etc/alertmanager/templates' });
  });

  test.each(CONFIGS)('watches services that it starts: %s', (file) => {
    const loaded = loadConfig(file, page(file), { listeners: () => [] });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    expect(loaded.config.warnings).toEqual([]);
    const demo = file.includes('demo');
    const started = SERVICES.filter(([, { profiles }]) => demo || profiles === undefined).map(([name]) => name);
    const watched = loaded.config.targets.map(({ spec }) => spec.endpoint.host);
    expect(started).toEqual(expect.arrayContaining(watched));
  });

  test('starts the demo with one file of variables, which has no secrets', () => {
    const variables = Object.fromEntries(
      Array.from(page('deploy/compose/demo.env').matchAll(/^(\w+)=(.*)$/gm), ([, name = '', value]) => [name, value]),
    );
    expect(variables).toEqual({ COMPOSE_PROFILES: 'demo', PORT_EXPORTER_CONFIG: './deploy/compose/demo.yml' });
    expect(SERVICES.filter(([, { profiles }]) => profiles?.join() === 'demo').length).toBe(3);
  });

  test('has Prometheus ask the exporter and Alertmanager by the names that they have', () => {
    const text = page('deploy/compose/prometheus.yml');
    const asked = Array.from(text.matchAll(/([\w-]+):(\d{4,5})/g), ([, name = '', port]) => [name, port]);
    const published = SERVICES.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port.split(':').at(-1)]));
    for (const one of asked) expect(published).toContainEqual(one);
    expect(text).toContain('/etc/prometheus/rules/*.rules.yml');
    expect(mounts(COMPOSE.services['prometheus'] ?? {}).map(({ to }) => to)).toContain(
      '/etc/prometheus/rules/port-exporter.rules.yml',
    );
  });
});

needs('promtool')('Prometheus accepts the configuration of compose.yaml with its rules', async (stage) => {
  const rules = join(stage.directory, 'rules');
  mkdirSync(rules);
  copyFileSync(join(ROOT, 'alerts/port-exporter.rules.yml'), join(rules, 'port-exporter.rules.yml'));
  const text = page('deploy/compose/prometheus.yml').replace('/etc/prometheus/rules', rules);
  const said = await runWell(['promtool', 'check', 'config', stage.write('prometheus.yml', text)]);
  expect(said).toMatch(/\d+ rules found/);
});
