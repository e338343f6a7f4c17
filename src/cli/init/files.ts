import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Tree, writeYaml } from '../../config/yaml.ts';
import { formatDuration } from '../../core/duration.ts';
import type { NewFile } from '../../net/new-files.ts';
import { packageFile } from '../package-files.ts';
import { alertmanagerText } from './alertmanager.ts';
import type { Answers, SmsAnswers } from './answers.ts';
import { PROVIDERS } from './providers.ts';

/** A file to be made, and what it is in a few words. */
export type Made = NewFile & { readonly is: string };

const RULES = 'rules/port-exporter.rules.yml';
const TEMPLATES = 'templates/port-exporter.tmpl';
/** A probe must be over before the next one is due. */
const LONGEST_TIMEOUT_MS = 5000;

/** All that the answers make. `root`: the directory as an absolute path, which Alertmanager and the bridge are told. */
export function filesFor(answers: Answers, root: string): readonly Made[] {
  const { slackUrl, sms } = answers;
  const isTold = slackUrl !== undefined || sms !== undefined;
  const secrets = join(root, 'secrets');
  return [
    { path: 'port-exporter.yml', text: configText(answers), is: 'what is watched' },
    { path: 'prometheus.yml', text: prometheusText(answers), is: 'Prometheus: whom to scrape, and the rules' },
    { path: RULES, text: packageFile('alerts/port-exporter.rules.yml'), is: 'the alert rules' },
    ...(isTold ? alertmanagerFiles(answers, secrets) : []),
    ...(sms === undefined ? [] : smsFiles(sms, root, secrets)),
  ];
}

/** What port-exporter is to watch. */
export function configText({ local, targets, intervalMs, failures }: Answers): string {
  const defaults = {
    interval: formatDuration(intervalMs),
    timeout: formatDuration(Math.min(LONGEST_TIMEOUT_MS, intervalMs / 2)),
    failures,
    severity: 'critical',
  };
  return sections(
    `# port-exporter: which ports to watch. Written by port-exporter init.
#
# Every key: docs/configuration.md. What is critical goes to Slack and SMS, a warning to Slack.`,
    yaml({ defaults }),
    ...(targets.length === 0 ? [] : [yaml({ groups: [{ name: 'ports', targets }] })]),
    ...(local
      ? [`# Every TCP port that listens on this machine when this is loaded.\n${yaml({ discover: { local } })}`]
      : []),
  );
}

function prometheusText({ slackUrl, sms }: Answers): string {
  const alertmanager = [{ targets: ['localhost:9093'] }];
  const isTold = slackUrl !== undefined || sms !== undefined;
  const jobs: Tree[] = [
    { job_name: 'port_exporter', http_sd_configs: [{ url: 'http://localhost:9715/sd' }] },
    ...(isTold ? [{ job_name: 'alertmanager', static_configs: alertmanager }] : []),
    ...(sms === undefined ? [] : [{ job_name: 'sms-bridge', static_configs: [{ targets: ['localhost:9716'] }] }]),
  ];
  return sections(
    `# Prometheus for port-exporter. Written by port-exporter init. A Prometheus that runs already needs the file of rules, and the job
# port_exporter, whose name the rules know.`,
    yaml({ global: { scrape_interval: '15s', evaluation_interval: '15s' } }),
    yaml({ rule_files: [RULES] }),
    ...(isTold ? [yaml({ alerting: { alertmanagers: [{ static_configs: alertmanager }] } })] : []),
    yaml({ scrape_configs: jobs }),
  );
}

function alertmanagerFiles({ slackUrl, sms }: Answers, secrets: string): Made[] {
  const text = alertmanagerText({
    ...(slackUrl !== undefined && { slackUrlFile: join(secrets, 'slack_url') }),
    ...(sms !== undefined && { smsTokenFile: join(secrets, 'sms_token') }),
  });
  return [
    { path: 'alertmanager.yml', text, is: 'Alertmanager: who is told what' },
    { path: TEMPLATES, text: packageFile(`alerts/${TEMPLATES}`), is: 'the texts of the messages' },
    ...(slackUrl === undefined ? [] : [secretFile('slack_url', slackUrl, 'the address of the webhook')]),
  ];
}

function smsFiles({ provider, phones, account, from, secret }: SmsAnswers, root: string, secrets: string): Made[] {
  const form = PROVIDERS[provider];
  const { file, key } = form.secret;
  const text = sections(
    '# port-exporter sms: notifications of Alertmanager as SMS. Written by port-exporter init. Every key: docs/sms.md.',
    yaml({
      bearer_token_file: join(secrets, 'sms_token'),
      recipients: phones,
      provider: { [provider]: { [form.account.key]: account, [key]: join(secrets, file), from } },
      state_file: join(root, 'sms-state.json'),
    }),
  );
  return [
    { path: 'sms.yml', text, is: 'the bridge to SMS' },
    secretFile('sms_token', randomBytes(32).toString('hex'), 'what Alertmanager shows to the bridge'),
    secretFile(file, secret, form.secret.is),
  ];
}

function secretFile(name: string, text: string, is: string): Made {
  return { path: join('secrets', name), text: `${text}\n`, secret: true, is };
}

function yaml(tree: Tree): string {
  return writeYaml(tree).trimEnd();
}

function sections(...parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
