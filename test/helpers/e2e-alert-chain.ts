import { expect, vi } from 'vitest';
import { alertmanagerConfig, faster, ruleFiles } from './e2e-alert-files.ts';
import { type Recorder, slackMessages, smsTexts, startRecorder, startSlack } from './e2e-alert-recorder.ts';
import { type Alertmanager, startAlertmanager } from './e2e-alertmanager.ts';
import { exporterCommand } from './e2e-exporter.ts';
import { type Prometheus, startPrometheus } from './e2e-prometheus.ts';
import type { Stage } from './e2e-stage.ts';

/** Everything between the exporter and the people, with the shipped rules and the shipped alertmanager.yml. */
export type AlertChain = {
  readonly prometheus: Prometheus;
  readonly alertmanager: Alertmanager;
  /** Stand-ins of Slack and Twilio. */
  readonly slack: Recorder;
  readonly twilio: Recorder;
  /** Waits until Prometheus has seen each of these targets up. */
  readonly sees: (...names: readonly string[]) => Promise<void>;
  /** Waits until so many messages have come to Slack and to the phone; fails when there are more. */
  readonly told: (slack: number, sms: number) => Promise<void>;
  /** Waits until PortDown, or that alert, of this target is there, held back by another alert, and older than a notification takes. */
  readonly holdsBack: (name: string, alert?: string) => Promise<void>;
  /** Waits until nothing is down or held back any more, and has not been for longer than a notification takes. */
  readonly isOver: () => Promise<void>;
  readonly slackTitles: () => readonly string[];
  readonly sms: () => readonly string[];
  /** All that anybody was told. */
  readonly everything: () => string;
};

type ChainOptions = {
  /** The status of Twilio's answer to its n-th request, from 0 on. */
  readonly twilioStatus?: (n: number) => number;
  /** Each target by itself, as /sd says, or all in one scrape of /metrics. */
  readonly scraping?: 'by discovery' | 'in one';
};

type Scraped = { readonly url: string };

const PHONE = '+4915112345678';
const DOWN = 'PortDown|PortHostDown|PortGroupDown|PortMonitoringIsolated|PortCauseKnown';
const SOON = { timeout: 40_000, interval: 100 };

export async function startAlertChain(
  stage: Stage,
  exporters: Scraped | readonly Scraped[],
  { twilioStatus = () => 201, scraping = 'by discovery' }: ChainOptions = {},
): Promise<AlertChain> {
  const slack = await startSlack(stage);
  const twilio = await startRecorder(stage, (n) => ({ status: twilioStatus(n), body: '{"sid":"SM1"}' }));
  const bridge = await startBridge(stage, twilio);
  const config = alertmanagerConfig({
    slackUrlFile: stage.write('slack_url', `${slack.url}/services/T/B/x\n`),
    bridgeUrl: `${bridge.url}/alertmanager`,
    bridgeTokenFile: bridge.tokenFile,
  });
  const alertmanager = await startAlertmanager(stage, faster(config));
  const job = scrapeJob([exporters].flat(), scraping);
  const prometheus = await startPrometheus(stage, prometheusConfig(stage, job, alertmanager.address));
  const sms = () => smsTexts(twilio, 'Body');
  return {
    prometheus,
    alertmanager,
    slack,
    twilio,
    sees: async (...names) => {
      const query = `probe_success{name=~"${names.join('|')}"} == 1`;
      await vi.waitFor(async () => expect(await prometheus.query(query)).toHaveLength(names.length), SOON);
    },
    told: (messages, texts) =>
      vi.waitFor(() => expect([slack.taken().length, twilio.taken().length]).toEqual([messages, texts]), SOON),
    holdsBack: (name, alert = 'PortDown') =>
      vi.waitFor(async () => {
        const held = await alertmanager.alerts(`name="${name}"`);
        const { startsAt, status } = held.find(({ labels }) => labels['alertname'] === alert) ?? {};
        expect(status?.inhibitedBy).toHaveLength(1);
        expect(Date.now() - Date.parse(startsAt ?? '')).toBeGreaterThan(3_000);
      }, SOON),
    isOver: () => {
      let seenAt = Date.now();
      return vi.waitFor(async () => {
        const left = await alertmanager.alerts(`alertname=~"${DOWN}"`);
        if (left.length > 0) seenAt = Date.now();
        expect(left).toEqual([]);
        expect(Date.now() - seenAt).toBeGreaterThan(5_000);
      }, SOON);
    },
    slackTitles: () => slackMessages(slack).map(({ title }) => title),
    sms,
    everything: () => [...slackMessages(slack).map(({ title, text }) => `${title}\n${text}`), ...sms()].join('\n'),
  };
}

/** The shipped bridge, sending to the stand-in of Twilio. */
async function startBridge(
  stage: Stage,
  twilio: Recorder,
): Promise<{ readonly url: string; readonly tokenFile: string }> {
  const tokenFile = stage.write('sms_token', 'a long random text\n');
  const config = {
    bearer_token_file: tokenFile,
    recipients: [PHONE],
    provider: {
      twilio: {
        account_sid: 'AC00000000000000000000000000000000',
        auth_token_file: stage.write('twilio_token', 'secret\n'),
        from: '+15550199',
        url: twilio.url,
      },
    },
  };
  const file = stage.write('sms.yml', JSON.stringify(config));
  const program = stage.start(exporterCommand('sms', `--config.file=${file}`, '--web.listen-address=127.0.0.1:0'));
  const [, address] = await program.said(/msg=listening address=(\S+)/);
  return { url: `http://${address}`, tokenFile };
}

/** All that docs/alerting.md has people write, at the tests' speed. */
function prometheusConfig(stage: Stage, job: object, alertmanager: string): object {
  const rules = ruleFiles().map(({ name, text }) => stage.write(name, faster(text)));
  if (rules.length === 0) throw new Error('there are no rules');
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: rules,
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [{ job_name: 'port_exporter', ...job }],
  };
}

function scrapeJob(exporters: readonly Scraped[], scraping: ChainOptions['scraping']): object {
  if (scraping === 'in one')
    return { static_configs: [{ targets: exporters.map(({ url }) => url.replace('http://', '')) }] };
  return { http_sd_configs: exporters.map(({ url }) => ({ url: `${url}/sd`, refresh_interval: '1s' })) };
}
