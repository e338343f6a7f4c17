import { expect, vi } from 'vitest';
import { alertmanagerConfig, withSns } from './e2e-alert-files.ts';
import { type Recorder, type SlackTexts, slackMessages, smsTexts, startSlack, startSns } from './e2e-alert-recorder.ts';
import { type Alert, type Alertmanager, startAlertmanager } from './e2e-alertmanager.ts';
import type { Stage } from './e2e-stage.ts';

type Messages = { readonly alertmanager: Alertmanager; readonly slack: Recorder; readonly sns: Recorder };

export const SOON = { timeout: 20_000, interval: 50 };

/** What Slack and the phone get of a single alert. */
export async function told(stage: Stage, alert: Alert): Promise<{ readonly slack: SlackTexts; readonly sms: string }> {
  const { alertmanager, slack, sns } = await startMessages(stage);
  await alertmanager.post(alert);
  await vi.waitFor(() => expect([slack.received.length, sns.received.length]).toEqual([1, 1]), SOON);
  const [message] = slackMessages(slack);
  const [sms] = smsTexts(sns, 'Message');
  if (message === undefined || sms === undefined) throw new Error('nothing was taken');
  return { slack: message, sms };
}

/** The shipped configuration, SNS instead of the bridge, with the shortest waits in which 500 alerts are sure to meet. */
export async function startMessages(stage: Stage): Promise<Messages> {
  const [slack, sns] = await Promise.all([startSlack(stage), startSns(stage)]);
  const config = alertmanagerConfig({
    slackUrlFile: stage.write('slack_url', `${slack.url}/services/T/B/x\n`),
    bridgeUrl: 'http://127.0.0.1:9/',
    bridgeTokenFile: stage.write('sms_token', 'token'),
  });
  const fast = config.replace(/(group_wait|group_interval): \w+/g, '$1: 2s');
  return { alertmanager: await startAlertmanager(stage, withSns(fast, sns.url)), slack, sns };
}

/** The alert that most is about, as the rules make it. */
export function portDown(
  labels: Readonly<Record<string, string>> = {},
  annotations: Readonly<Record<string, string>> = {},
): Alert {
  return {
    labels: {
      alertname: 'PortDown',
      job: 'port_exporter',
      target: 'db1:5432',
      name: 'orders-db',
      service: 'postgresql',
      group: 'databases',
      host: 'db1',
      severity: 'critical',
      ...labels,
    },
    annotations: {
      summary: 'orders-db is down',
      description: 'postgresql at db1:5432 failed 2 checks in a row.',
      reason: 'connection_refused in connect: the host answered, nothing listens on the port',
      since: '2026-11-22 06:00:00 +0000 UTC',
      cause: '',
      dashboard_url: 'https://grafana.example.org/d/port-target?var-target=db1%3A5432&kiosk',
      runbook_url: 'https://runbooks.example.org/port/PortDown',
      ...annotations,
    },
    generatorURL: 'http://prometheus.example.org/graph?g0.expr=x+%3D%3D+1&g0.tab=1',
  };
}
