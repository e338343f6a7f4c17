import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ALERTS = resolve('alerts');

/** Where a test has what the shipped alertmanager.yml expects in /etc/alertmanager and on port 9716. */
export type Places = {
  readonly slackUrlFile: string;
  readonly bridgeUrl: string;
  readonly bridgeTokenFile: string;
};

/** How many times faster than shipped the end-to-end tests run: a target that is checked every minute is checked every two seconds. */
const SPEED = 30;

/**
 * The keys whose durations are divided by the speed: those of rules and of routes. Ranges inside of expressions stay as they are, so a
 * rule still sees all of a test. Nothing is shorter than a second; Prometheus and Alertmanager count in whole ones here.
 */
const TIMES = /\b(interval|for|keep_firing_for|group_wait|group_interval|repeat_interval): (\d+)([smhd])\b/g;
const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** The text of rules or of an alertmanager.yml with its intervals divided by the speed. */
export function faster(text: string): string {
  return text.replace(TIMES, (_, key: string, count: string, unit: keyof typeof UNIT_SECONDS) => {
    const seconds = (Number(count) * UNIT_SECONDS[unit]) / SPEED;
    return `${key}: ${seconds === 0 ? 0 : Math.max(1, Math.round(seconds))}s`;
  });
}

/** The shipped alertmanager.yml with a test's places in it; otherwise as it is. */
export function alertmanagerConfig({ slackUrlFile, bridgeUrl, bridgeTokenFile }: Places): string {
  let config = readFileSync(join(ALERTS, 'alertmanager.yml'), 'utf8');
  config = swap(config, '/etc/alertmanager/secrets/slack_url', slackUrlFile);
  config = swap(config, 'http://127.0.0.1:9716/alertmanager', bridgeUrl);
  config = swap(config, '/etc/alertmanager/secrets/sms_token', bridgeTokenFile);
  return swap(config, 'templates/*.tmpl', join(ALERTS, 'templates/*.tmpl'));
}

/** The shipped alertmanager.yml with SNS instead of the bridge, at this address. */
export function withSns(config: string, url: string): string {
  const routed = swap(config, 'receiver: sms\n', 'receiver: sms-sns\n');
  return swap(routed, "subject: ''", `api_url: ${url}\n        subject: ''`);
}

/** The shipped files of rules: name and text. */
export function ruleFiles(): readonly { readonly name: string; readonly text: string }[] {
  const names = readdirSync(ALERTS).filter((name) => name.endsWith('.rules.yml'));
  return names.map((name) => ({ name, text: readFileSync(join(ALERTS, name), 'utf8') }));
}

/** Replaces what must be there: a shipped file that has changed must not turn a test into another one. */
function swap(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`${from} is not there exactly once`);
  return text.replace(from, () => to);
}
