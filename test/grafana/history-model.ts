import type { Phase, Reason } from '../../src/core/reason.ts';
import type { Layer } from '../../src/probe/layers.ts';

/** The end of the history: fixed, so that every run sees the same. Just before the end of one of Prometheus' blocks of two hours. */
export const END = Date.UTC(2026, 0, 15, 11, 59) / 1000;
export const HOURS = 26;
export const STEP = 60;

const MINUTE = 60;
const HOUR = 3600;

/** Seconds before the end of the history; 0 is its end. */
type Span = { readonly from: number; readonly to: number };
export type Outage = Span & { readonly reason: Reason; readonly phase: Phase };
/** What is answered by HTTP: the version, and the length of the body. */
export type Page = { readonly version: number; readonly bytes: number; readonly redirects?: number };

export type Watched = {
  readonly address: string;
  readonly name: string;
  readonly service: string;
  readonly group: string;
  readonly severity?: 'warning';
  readonly labels?: Readonly<Record<string, string>>;
  readonly dependsOn?: readonly string[];
  /** The usual time to connect. */
  readonly connectMs: number;
  /** Speaks TLS: days from the end of the history until the certificate expires. */
  readonly expiresIn?: number;
  readonly page?: Page;
  /** What it is seen as made of. */
  readonly layers?: readonly Layer[];
  readonly says?: { readonly version?: string; readonly state?: string };
  readonly outages?: readonly Outage[];
  readonly slow?: Span & { readonly times: number };
  /** Taken out of the configuration this long ago. */
  readonly removed?: number;
  /** Since when its own scrape fails, where it has one. */
  readonly unscraped?: number;
};

function outage(from: number, to: number, reason: Reason, phase: Phase): Outage {
  return { from, to, reason, phase };
}

const flapping = Array.from({ length: 9 }, (_, i) => {
  const from = 6 * HOUR - i * 35 * MINUTE;
  return outage(from, from - 4 * MINUTE, 'timeout', 'tls');
});

const WHOLE: readonly Layer[] = ['port', 'tls', 'http', 'keyword', 'response_time'];

/** With layers; what they depend on is down. */
const LAYERED: readonly Watched[] = [
  {
    ...{ address: 'reports.example.com:443', name: 'reports', service: 'https', group: 'web', connectMs: 28 },
    ...{ expiresIn: 60, page: { version: 2, bytes: 48_200, redirects: 1 }, layers: WHOLE },
    dependsOn: ['orders-db', 'orders-db replica'],
    outages: [
      outage(8 * HOUR, 8 * HOUR - 10 * MINUTE, 'timeout', 'connect'),
      outage(5 * HOUR, 5 * HOUR - 15 * MINUTE, 'too_slow', 'handshake'),
      outage(3 * HOUR, 3 * HOUR - 8 * MINUTE, 'content_mismatch', 'handshake'),
      outage(24 * MINUTE, -1, 'http_status', 'handshake'),
    ],
  },
  {
    ...{ address: 'webmail.example.com:443', name: 'webmail', service: 'https', group: 'mail', connectMs: 40 },
    ...{ expiresIn: 45, page: { version: 1.1, bytes: 3100 }, layers: ['port', 'tls', 'http', 'response_time'] },
    dependsOn: ['ldap'],
    outages: [outage(11 * MINUTE, -1, 'too_slow', 'handshake')],
  },
  {
    ...{ address: 'ldap.example.com:389', name: 'ldap', service: 'ldap', group: 'mail', connectMs: 15 },
    ...{ layers: ['port', 'service'], outages: [outage(12 * MINUTE, -1, 'connection_refused', 'connect')] },
  },
  {
    ...{ address: 'kiosk.example.net:80', name: 'kiosk', service: 'http', group: 'branch', connectMs: 33 },
    ...{ page: { version: 1.1, bytes: 900 }, layers: ['port', 'http', 'keyword'], dependsOn: ['orders-db', 'till'] },
    outages: [outage(15 * MINUTE, -1, 'content_mismatch', 'handshake')],
  },
];

/** Scraped one by one, by service discovery. */
const BRANCH: readonly Watched[] = [
  {
    ...{ address: 'till.example.net:443', name: 'till', service: 'https', group: 'branch', connectMs: 35 },
    dependsOn: ['orders-db'],
  },
  {
    ...{ address: 'scale.example.net:9000', name: 'scale', service: 'tcp', group: 'branch', connectMs: 30 },
    unscraped: 30 * MINUTE,
  },
  {
    ...{ address: 'door.example.net:80', name: 'door', service: 'http', group: 'branch', connectMs: 30 },
    outages: [outage(2 * 24 * HOUR, -1, 'exporter_error', 'connect')],
  },
  {
    ...{ address: 'db.example.net:5432', name: 'orders-db', service: 'postgresql', group: 'branch', connectMs: 30 },
    outages: [outage(2 * 24 * HOUR, -1, 'timeout', 'connect')],
  },
];

/** Watched by an exporter that died. */
const LAB: readonly Watched[] = [
  { address: 'bench.example.org:22', name: 'bench', service: 'ssh', group: 'lab', connectMs: 9 },
];

/** Everything that can happen to a target. */
export const WATCHED: readonly Watched[] = [
  { address: 'www.example.com:443', name: 'website', service: 'https', group: 'web', connectMs: 22, expiresIn: 71 },
  {
    ...{ address: 'shop.example.com:443', name: 'shop & checkout', service: 'https', group: 'web' },
    ...{ connectMs: 25, expiresIn: 5.4, dependsOn: ['orders-db', 'sessions'], labels: { team: 'sales' } },
  },
  {
    ...{ address: 'api.example.com:443', name: 'api', service: 'https', group: 'web', connectMs: 31, expiresIn: 88 },
    outages: [outage(3 * HOUR, 3 * HOUR - MINUTE, 'connection_reset', 'connect')],
    slow: { from: 5 * HOUR, to: 4 * HOUR, times: 6 },
  },
  {
    ...{ address: 'old.example.com:443', name: 'old shop', service: 'https', group: 'web', connectMs: 18 },
    ...{ expiresIn: -2, outages: [outage(2 * 24 * HOUR, -1, 'tls_certificate_expired', 'tls')] },
    dependsOn: ['orders-db', 'legacy'],
  },
  {
    ...{ address: '[2001:db8::10]:443', name: 'IPv6 front (a|b)', service: 'https', group: 'web' },
    ...{ connectMs: 48, expiresIn: 33 },
  },
  {
    ...{ address: 'mail.example.com:993', name: 'imap', service: 'imaps', group: 'mail', severity: 'warning' },
    ...{ connectMs: 66, expiresIn: 21, outages: flapping },
  },
  { address: 'mail.example.com:25', name: 'smtp', service: 'smtp', group: 'mail', severity: 'warning', connectMs: 61 },
  {
    ...{ address: 'db-1.internal:5432', name: 'orders-db', service: 'postgresql', group: 'databases', connectMs: 1.2 },
    says: { version: '15.3', state: 'primary' },
  },
  {
    ...{ address: 'db-2.internal:5432', name: 'orders-db replica', service: 'postgresql', group: 'databases' },
    ...{ connectMs: 1.4, says: { version: '15.3', state: 'secondary' } },
    outages: [outage(25 * MINUTE, -1, 'connection_refused', 'connect')],
  },
  {
    ...{ address: 'cache-1.internal:6379', name: 'sessions', service: 'redis', group: 'caches', connectMs: 0.7 },
    says: { state: 'auth_required' },
  },
  {
    ...{ address: 'cache-2.internal:6379', name: 'cache-2.internal:6379', service: 'redis', group: 'caches' },
    ...{ connectMs: 0.8, outages: [outage(20 * MINUTE, -1, 'exporter_error', 'connect')] },
  },
  {
    ...{ address: 'kafka-1.internal:9092', name: 'queue', service: 'kafka', group: 'queues', connectMs: 3.1 },
    outages: [outage(9 * HOUR, 9 * HOUR - 22 * MINUTE, 'dns_failure', 'resolve')],
  },
  {
    ...{ address: '10.0.0.9:8080', name: 'legacy', service: 'tcp', group: 'queues', severity: 'warning' },
    connectMs: 12,
  },
  {
    ...{ address: 'gone.internal:80', name: 'gone', service: 'http', group: 'web', connectMs: 10 },
    removed: 2 * HOUR,
  },
  ...BRANCH,
  ...LAB,
  ...LAYERED,
];

export type Scraper = {
  readonly labels: Readonly<Record<string, string>>;
  /** What it probes, and whether in the manner of blackbox_exporter: then it has in its configuration only what has layers. */
  readonly watches: (target: Watched) => boolean;
  readonly blackbox?: true;
  /** Sees the targets of this group down, which others see up. */
  readonly blindFor?: string;
  /** Each target has a scrape of its own, which can fail, as with service discovery. */
  readonly single?: true;
  /** Since when it does not answer. */
  readonly dead?: number;
};

/**
 * Two exporters of one job in two places, one for which Prometheus has the targets, one that gives its targets to Prometheus, and one
 * that died.
 */
export const SCRAPERS: readonly Scraper[] = [
  {
    labels: { job: 'port_exporter', instance: '10.1.0.5:9715', location: 'zurich' },
    watches: ({ group }) => group !== 'branch' && group !== 'lab',
  },
  {
    labels: { job: 'port_exporter', instance: '10.2.0.5:9715', location: 'frankfurt' },
    watches: ({ group }) => group === 'web' || group === 'queues',
    blindFor: 'legacy',
  },
  {
    labels: { job: 'legacy_ports', instance: '10.3.0.5:9715' },
    watches: ({ group }) => group === 'mail',
    blackbox: true,
  },
  {
    labels: { job: 'branch_ports', instance: '10.4.0.5:9715' },
    watches: ({ group }) => group === 'branch',
    single: true,
  },
  {
    labels: { job: 'port_exporter', instance: '10.5.0.5:9715', location: 'lab' },
    watches: ({ group }) => group === 'lab',
    dead: 40 * MINUTE,
  },
];

/** Prometheus was not able to scrape the first exporter. */
export const GAP: Span = { from: 10 * HOUR, to: 10 * HOUR - 6 * MINUTE };
/** The first exporter was started anew. */
export const RESTART = 8 * HOUR;
