import { SERVICES } from '../checks/registry.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../core/log.ts';
import {
  choice,
  duration,
  externalUrl,
  hostName,
  labelValue,
  listenAddress,
  many,
  one,
  optional,
  routePrefix,
  type Settings,
  seconds,
  text,
  toggle,
} from './flag.ts';
import { PROVIDER_NAMES } from './init/providers.ts';
import { address, failures, interval, line, phone } from './init/readers.ts';

/** Where a configuration is looked for. */
const configFile = one(text, {
  form: 'FILE',
  defaultText: 'config/port-exporter.yml',
  help: 'The configuration: its own format, or that of blackbox_exporter.',
});

export const SERVE_FLAGS = {
  'config.file': configFile,
  'config.check': toggle('Only read the configuration: say "ok" or every problem, then exit with 0 or 2.'),
  'config.auto-reload-interval': one(duration(0), {
    form: 'DURATION',
    defaultText: '0s',
    help: 'How often to look whether the configuration has changed, and load it when it has; 0s is never. SIGHUP and POST /-/reload always work.',
  }),
  'web.listen-address': many(listenAddress, {
    form: 'ADDRESS',
    defaultText: ':9715',
    help: 'Where to listen, as [host]:port; without a host on every address of the machine.',
  }),
  'web.config.file': optional(text, {
    form: 'FILE',
    help: "TLS, users and limits of the web side, in the format of Prometheus' exporter-toolkit. Read again when it changes.",
  }),
  'web.external-url': optional(externalUrl, {
    form: 'URL',
    help: 'The URL under which users reach the exporter, for instance behind a reverse proxy. Its path is the route prefix unless that is given.',
  }),
  'web.route-prefix': optional(routePrefix, {
    form: 'PATH',
    help: 'The path that all routes stand under; the path of --web.external-url unless given.',
  }),
  'timeout-offset': one(seconds, {
    form: 'SECONDS',
    defaultText: '0.5',
    help: 'How long before the timeout of a scrape the answer is sent.',
  }),
  location: optional(labelValue, {
    form: 'NAME',
    help: 'Where this exporter is, for alert rules that compare several of them: the label location of every target, on /metrics and in /sd.',
  }),
  'log.level': one(choice(LOG_LEVELS), {
    form: 'LEVEL',
    defaultText: 'info',
    help: `The least important messages that are written: ${LOG_LEVELS.join(', ')}.`,
  }),
  'log.format': one(choice(LOG_FORMATS), {
    form: 'FORMAT',
    defaultText: 'logfmt',
    help: `How messages are written: ${LOG_FORMATS.join(' or ')}.`,
  }),
} as const;

export const CHECK_FLAGS = {
  'config.file': configFile,
  group: many(text, { form: 'GROUP', help: 'Only the targets of this group.' }),
  target: many(text, { form: 'TARGET', help: 'Only the target of this name or address.' }),
  json: toggle('Print the results as JSON.'),
} as const;

export const PROBE_FLAGS = {
  service: optional(choice(SERVICES.map(({ name }) => name)), {
    form: 'SERVICE',
    help: 'Speak this service: its greeting, politely. Without it the check is a TCP connect, and the port tells the service.',
  }),
  timeout: one(duration(1), { form: 'DURATION', defaultText: '5s', help: 'How long one probe may take.' }),
  tls: toggle(
    'Speak TLS, and verify the certificate: right after connecting, or by the own way of a service that has no other.',
  ),
  starttls: toggle('Change to TLS by the own way of the service (STARTTLS), and verify the certificate.'),
  'server-name': optional(hostName, {
    form: 'NAME',
    help: 'The name that TLS asks for and that the certificate must have; the host of the address unless given. Needs --tls or --starttls.',
  }),
  'ca-file': optional(text, {
    form: 'FILE',
    help: 'The authorities to trust, in PEM, instead of those of this machine. Needs --tls or --starttls.',
  }),
  option: many(text, {
    form: 'KEY=VALUE',
    help: 'An option of the service, as under options: in the configuration. Needs --service.',
  }),
  'preferred-ip-protocol': one(choice(['ip4', 'ip6']), {
    form: 'PROTOCOL',
    defaultText: 'ip4',
    help: 'Which address to dial when a name has both: ip4 or ip6.',
  }),
  json: toggle('Print the results as JSON.'),
} as const;

export const DISCOVER_FLAGS = {
  report: toggle(
    'Compare what listens with a configuration: what is not monitored, and what is monitored and does not listen.',
  ),
  'config.file': optional(text, {
    form: 'FILE',
    help: `The configuration to compare with; ${configFile.defaultText} unless given. Needs --report.`,
  }),
  json: toggle('Print the list as JSON instead of a configuration, or the comparison.'),
} as const;

export const INIT_FLAGS = {
  yes: toggle('Ask nothing: the answers are those of the flags.'),
  directory: one(line('a directory'), {
    form: 'DIR',
    defaultText: 'port-exporter',
    help: 'Where the files are written; made where it is missing. Nothing that is there is replaced.',
  }),
  local: toggle('Watch every TCP port that listens on this machine. So it is without --target.'),
  target: many(address, { form: 'ADDRESS', help: 'Watch this address: host:port, [IPv6]:port or service://host.' }),
  interval: one(interval, { form: 'DURATION', defaultText: '60s', help: 'How often each of them is checked.' }),
  failures: one(failures, {
    form: 'COUNT',
    defaultText: '2',
    help: 'After how many failed checks in a row it is down.',
  }),
  'slack-url-file': optional(text, {
    form: 'FILE',
    help: 'Messages to Slack: the file that holds the address of an incoming webhook.',
  }),
  'sms-provider': optional(choice(PROVIDER_NAMES), {
    form: 'PROVIDER',
    help: `SMS for what is critical: ${PROVIDER_NAMES.join(' or ')}. Needs the other flags of SMS.`,
  }),
  phone: many(phone, { form: 'NUMBER', help: 'Who gets the SMS, with + and the country code.' }),
  'sms-account': optional(text, { form: 'ID', help: 'The account SID of Twilio, or the API key of Vonage.' }),
  'sms-from': optional(line('the number or name of the sender'), {
    form: 'SENDER',
    help: 'The number or name of the sender.',
  }),
  'sms-secret-file': optional(text, {
    form: 'FILE',
    help: 'The file that holds the auth token of Twilio, or the API secret of Vonage.',
  }),
} as const;

export const SMS_FLAGS = {
  'config.file': one(text, {
    form: 'FILE',
    defaultText: 'config/sms.yml',
    help: 'The configuration of the bridge: its recipients and the provider.',
  }),
  'config.check': SERVE_FLAGS['config.check'],
  'web.listen-address': many(listenAddress, {
    form: 'ADDRESS',
    defaultText: ':9716',
    help: 'Where to listen, as [host]:port; without a host on every address of the machine.',
  }),
  'web.config.file': SERVE_FLAGS['web.config.file'],
  'log.level': SERVE_FLAGS['log.level'],
  'log.format': SERVE_FLAGS['log.format'],
} as const;

export type ServeSettings = Settings<typeof SERVE_FLAGS>;
export type CheckSettings = Settings<typeof CHECK_FLAGS>;
export type ProbeSettings = Settings<typeof PROBE_FLAGS>;
export type DiscoverSettings = Settings<typeof DISCOVER_FLAGS>;
export type InitSettings = Settings<typeof INIT_FLAGS>;
export type SmsSettings = Settings<typeof SMS_FLAGS>;
