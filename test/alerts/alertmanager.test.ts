import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { alertmanagerConfig } from '../helpers/e2e-alert-files.ts';
import { startAlertmanager } from '../helpers/e2e-alertmanager.ts';
import { run, runWell } from '../helpers/e2e-program.ts';
import { needs } from '../helpers/programs.ts';

const CONFIG = resolve('alerts/alertmanager.yml');

needs('amtool')('the shipped configuration and its templates are good', async () => {
  const { code, stdout, stderr } = await run(['amtool', 'check-config', CONFIG]);

  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('SUCCESS');
  expect(stdout).toContain('1 templates');
});

needs('amtool')('the severity says who is told', async () => {
  const expected: Readonly<Record<string, string>> = {
    'alertname=PortDown severity=critical': 'sms,slack',
    'alertname=PortDown severity=warning': 'slack',
    'alertname=PortDown severity=info': 'slack',
    'alertname=PortHostDown severity=critical host=db1': 'sms,slack',
    'alertname=PortExporterDown severity=critical instance=localhost:9715': 'sms,slack',
    'alertname=PortUnexpectedlyOpen severity=critical target=db1:5432': 'sms,slack',
    'alertname=PortSlow severity=warning target=db1:5432': 'slack',
    'alertname=PortSlowerThanUsual severity=info target=db1:5432': 'slack',
    'alertname=PortCertificateExpiring severity=critical target=shop:443': 'sms,slack',
    'alertname=PortCauseKnown severity=none target=shop:443 cause=orders-db': 'nobody',
    'alertname=Watchdog severity=none': 'dead-mans-switch',
    'alertname=Watchdog severity=critical': 'dead-mans-switch',
    'alertname=SomethingElse': 'slack',
    'alertname=SomethingElse severity=page': 'slack',
  };
  const route = (labels: string) =>
    runWell(['amtool', 'config', 'routes', 'test', `--config.file=${CONFIG}`, ...labels.split(' ')]);

  const receivers = await Promise.all(Object.keys(expected).map(route));

  expect(receivers.map((text) => text.trim())).toEqual(Object.values(expected));
});

test('nothing is muted by time as shipped', () => {
  expect(JSON.stringify(parse(readFileSync(CONFIG, 'utf8')).route)).not.toMatch(/time_intervals/);
});

/** What holds what back: the alert that mutes, the alert in question, and whether it is muted. */
const INHIBITION: readonly (readonly [source: string, target: string, muted: boolean])[] = [
  ['PortCauseKnown target=app:80 severity=none', 'PortDown target=app:80', true],
  ['PortCauseKnown target=app:80 severity=none', 'PortDown target=other:80', false],
  ['PortCauseKnown target=app:80 name=login severity=none', 'PortDown target=app:80 name=login', true],
  ['PortCauseKnown target=app:80 name=login severity=none', 'PortDown target=app:80 name=port', false],
  ['PortCauseKnown target=app:80 name=login severity=none', 'PortDown target=app:80', false],
  ['PortCauseKnown target=app:80 severity=none job=staging', 'PortDown target=app:80', false],
  ['PortCauseKnown target=app:80 severity=none', 'PortErrorBudgetBurn target=app:80 severity=warning', true],
  ['PortCauseKnown target=app:80 severity=none', 'PortCertificateExpired target=app:80', false],
  ['PortCauseKnown severity=none', 'PortDown', false],
  ['PortHostDown host=db1', 'PortDown target=db1:5432 host=db1', true],
  ['PortHostDown host=db1', 'PortDown target=db2:5432 host=db2', false],
  ['PortHostDown', 'PortDown target=db1:5432', false],
  ['PortHostDown host=db1', 'PortCertificateExpired target=db1:443 host=db1', false],
  ['PortGroupDown group=web', 'PortDown target=app:80 group=web', true],
  ['PortGroupDown group=web', 'PortHostDown host=app group=web', true],
  ['PortGroupDown group=web', 'PortDown target=db1:5432 group=databases', false],
  ['PortGroupDown', 'PortDown target=app:80', false],
  ['PortHostDown host=db1', 'PortUnexpectedlyOpen target=db1:22', false],
  ['PortGroupDown group=web', 'PortUnexpectedlyOpen target=app:22 group=web', false],
  ['PortMonitoringIsolated', 'PortUnexpectedlyOpen target=app:22', false],
  ['PortCauseKnown target=app:22 severity=none', 'PortUnexpectedlyOpen target=app:22', false],
  ['PortExporterDown instance=a:9715', 'PortUnexpectedlyOpen target=app:22', false],
  ['PortMonitoringIsolated', 'PortDown target=app:80', true],
  ['PortMonitoringIsolated', 'PortHostDown host=db1', true],
  ['PortMonitoringIsolated', 'PortGroupDown group=web', true],
  ['PortMonitoringIsolated', 'PortExporterDown instance=a:9715', false],
  ['PortExporterIsolated instance=a:9715', 'PortDownFromSomeLocations target=app:80 severity=warning', true],
  ['PortExporterIsolated instance=a:9715', 'PortDown target=app:80', false],
  ['PortExporterDown instance=a:9715', 'PortDown target=app:80', false],
  ['PortExporterDown instance=a:9715', 'PortDown target=app:80 instance=a:9715', false],
  ['PortExporterDown instance=a:9715', 'PortExporterConfigReloadFailed instance=a:9715 severity=warning', true],
  ['PortExporterDown instance=a:9715', 'PortExporterScrapeTooSlow instance=a:9715 severity=warning', true],
  ['PortExporterDown instance=a:9715', 'PortResolverFailing instance=a:9715', true],
  ['PortExporterDown instance=a:9715', 'PortResolverFailing instance=b:9715', false],
  ['PortExporterDown', 'PortExporterFault severity=warning', false],
  ['PortDown target=app:80', 'PortSlow target=app:80 severity=warning', true],
  ['PortDown target=app:80 severity=warning', 'PortErrorBudgetBurn target=app:80 severity=warning', true],
  ['PortDown target=app:80', 'PortFlapping target=app:80 severity=warning', false],
  ['PortDown target=app:80', 'PortSlow target=db1:5432 severity=warning', false],
  ['PortDown target=app:80 name=v1', 'PortSlow target=app:80 name=v1 severity=warning', true],
  ['PortDown target=app:80 name=v1', 'PortSlow target=app:80 name=v2 severity=warning', false],
  ['PortDown target=app:80 name=v1', 'PortDown target=app:80 name=v2 severity=warning', false],
  [
    'PortCertificateExpiring target=app:443 name=v1',
    'PortCertificateExpiring target=app:443 name=v1 severity=warning',
    true,
  ],
  [
    'PortCertificateExpiring target=app:443 name=v1 severity=warning',
    'PortCertificateExpiring target=app:443 name=v2 severity=info',
    false,
  ],
  ['PortDown', 'PortSlow severity=warning', false],
  ['PortCertificateExpiring target=app:443', 'PortCertificateExpiring target=app:443 severity=warning', true],
  ['PortCertificateExpiring target=app:443', 'PortCertificateExpiring target=app:443 severity=info', true],
  [
    'PortCertificateExpiring target=app:443 severity=warning',
    'PortCertificateExpiring target=app:443 severity=info',
    true,
  ],
  [
    'PortCertificateExpiring target=app:443 severity=info',
    'PortCertificateExpiring target=app:443 severity=warning',
    false,
  ],
  ['PortCertificateExpiring target=app:443', 'PortCertificateExpiring target=shop:443 severity=info', false],
];

needs('prometheus-alertmanager')('causes hold their consequences back, and nothing else', async (stage) => {
  const config = alertmanagerConfig({
    slackUrlFile: stage.write('slack_url', 'http://127.0.0.1:9/'),
    bridgeUrl: 'http://127.0.0.1:9/',
    bridgeTokenFile: stage.write('sms_token', 'token'),
  });
  const alertmanager = await startAlertmanager(stage, config);
  // A job of its own for each row: no row can mute another.
  const rows = INHIBITION.map(([source, target], i) => ({
    source: labelsOf(source, `${i}`),
    target: labelsOf(target, `${i}`),
  }));
  await alertmanager.post(...rows.flatMap(({ source, target }) => [{ labels: source }, { labels: target }]));

  await vi.waitFor(
    async () => {
      const held = await alertmanager.alerts();
      const stateOf = (labels: Readonly<Record<string, string>>) =>
        held.find((alert) => JSON.stringify(sorted(alert.labels)) === JSON.stringify(sorted(labels)))?.status;
      const muted = rows.map(({ target }) => (stateOf(target)?.inhibitedBy.length ?? Number.NaN) > 0);
      expect(muted.map((is, i) => [...(INHIBITION[i] ?? []).slice(0, 2), is])).toEqual(INHIBITION);
      expect(held).toHaveLength(2 * rows.length);
    },
    { timeout: 10_000, interval: 100 },
  );
});

function labelsOf(text: string, job: string): Readonly<Record<string, string>> {
  const [alertname = '', ...pairs] = text.split(' ');
  const others = Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
  return { severity: 'critical', alertname, ...others, job: `${others['job'] ?? 'port_exporter'}-${job}` };
}

function sorted(labels: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
