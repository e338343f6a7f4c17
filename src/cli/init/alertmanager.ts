import { packageFile } from '../package-files.ts';

/** Where Alertmanager finds its secrets; without one of them nobody is told that way. Absolute paths. */
export type AlertmanagerFiles = { readonly slackUrlFile?: string; readonly smsTokenFile?: string };

const HEAD = 'Goes to /etc/alertmanager/alertmanager.yml, beside it templates/ and secrets/.';
const HEAD_HERE = 'Written by port-exporter init, beside it templates/ and secrets/.';
const SLACK_URL = 'slack_api_url_file: /etc/alertmanager/secrets/slack_url';
const SMS_TOKEN = 'credentials_file: /etc/alertmanager/secrets/sms_token';
/** What a receiver sends: its settings up to the next empty line. */
const SLACK = /( {2}- name: slack\n) {4}slack_configs:\n(?: {6}.*\n)+/;
const SMS = /( {2}- name: sms\n) {4}webhook_configs:\n(?: {6}.*\n)+/;

/** The shipped alertmanager.yml with these files in it. A way that is not wanted is a receiver that sends nothing. */
export function alertmanagerText({ slackUrlFile, smsTokenFile }: AlertmanagerFiles): string {
  let text = swap(packageFile('alerts/alertmanager.yml'), HEAD, HEAD_HERE);
  text =
    slackUrlFile === undefined
      ? swap(swap(text, `  ${SLACK_URL}\n`, ''), SLACK, '$1    # nobody: there is no webhook of Slack\n')
      : swap(text, SLACK_URL, `slack_api_url_file: ${quoted(slackUrlFile)}`);
  return smsTokenFile === undefined
    ? swap(text, SMS, '$1    # nobody: there is no provider of SMS\n')
    : swap(text, SMS_TOKEN, `credentials_file: ${quoted(smsTokenFile)}`);
}

/** Replaces what must be there: the shipped file and this one go together. */
function swap(text: string, from: string | RegExp, to: string): string {
  if (text.split(from).length < 2) throw new Error(`alerts/alertmanager.yml of this package has no ${from}`);
  return typeof from === 'string' ? text.replace(from, () => to) : text.replace(from, to);
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : JSON.stringify(path);
}
