import { join } from 'node:path';
import { pad, visible, widthOf } from '../text.ts';
import type { Made } from './files.ts';

/** What has been made, and the commands that go on from there. */
export function nextSteps(root: string, files: readonly Made[]): string {
  const column = Math.max(...files.map(({ path }) => widthOf(path)));
  const made = files.map(
    ({ path, is, secret }) => `  ${pad(path, column)}  ${is}${secret ? '; only you may read it' : ''}`,
  );
  return [
    `Written to ${visible(root)}:`,
    ...made,
    '',
    'Next:',
    ...commands(root, files),
    '',
    ...remarks(root, files),
    '',
  ].join('\n');
}

function commands(root: string, files: readonly Made[]): string[] {
  const has = (path: string) => files.some((file) => file.path === path);
  const at = (path: string) => quoted(join(root, path));
  return [
    `  port-exporter check --config.file=${at('port-exporter.yml')}`,
    `  port-exporter --config.file=${at('port-exporter.yml')}`,
    `  promtool check config ${at('prometheus.yml')}`,
    `  prometheus --config.file=${at('prometheus.yml')}`,
    ...(has('alertmanager.yml')
      ? [
          `  amtool check-config ${at('alertmanager.yml')}`,
          `  prometheus-alertmanager --config.file=${at('alertmanager.yml')}`,
        ]
      : []),
    ...(has('sms.yml')
      ? [`  port-exporter sms --config.file=${at('sms.yml')} --web.listen-address=127.0.0.1:9716`]
      : []),
    ...(has('alertmanager.yml')
      ? [
          '  amtool --alertmanager.url=http://localhost:9093 alert add PortDown job=test name=test target=test:1 \\',
          "    severity=critical --annotation=summary='This is a test'",
        ]
      : []),
  ];
}

function remarks(root: string, files: readonly Made[]): string[] {
  if (!files.some(({ secret }) => secret)) return ['As services, with Slack and SMS: docs/alerting.md'];
  const secrets = quoted(join(root, 'secrets'));
  return [
    'Alertmanager and the bridge must be able to read the secrets. Where they run as somebody else, such as prometheus:',
    `  chown -R prometheus ${secrets}`,
    'As services: docs/alerting.md',
  ];
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
