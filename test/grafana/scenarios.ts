import type { View } from './asking.ts';
import { END } from './history-model.ts';
import type { NAMES } from './model.ts';

export type Scenario = View & {
  readonly dashboard: (typeof NAMES)[number];
  readonly title: string;
  /** There is something to show in every panel. */
  readonly full?: true;
};

const HOUR = 3600;
const DAY = 24 * HOUR;

const IPV6 = '[2001:db8::10]:443';
const FLAPPING = 'mail.example.com:993';
const REPORTS = 'reports.example.com:443';
const KIOSK = 'kiosk.example.net:80';
const WEBMAIL = { target: 'webmail.example.com:443', job: 'legacy_ports' };
const SHOP = 'shop.example.com:443';

/** What people look at. */
export const SCENARIOS: readonly Scenario[] = [
  { dashboard: 'overview', title: 'everything, 6 hours', end: END, range: 6 * HOUR, full: true },
  { dashboard: 'overview', title: 'everything, a day', end: END, range: DAY, full: true },
  { dashboard: 'overview', title: 'everything, 30 days', end: END, range: 30 * DAY, full: true },
  { dashboard: 'overview', title: 'everything, 5 minutes', end: END, range: 300 },
  { dashboard: 'overview', title: 'one target', end: END, range: DAY, choices: { target: 'db-1.internal:5432' } },
  { dashboard: 'overview', title: 'an IPv6 target', end: END, range: DAY, choices: { target: IPV6 } },
  { dashboard: 'overview', title: 'two targets', end: END, range: DAY, choices: { target: [IPV6, FLAPPING] } },
  { dashboard: 'overview', title: 'one place', end: END, range: DAY, choices: { location: 'frankfurt' } },
  {
    dashboard: 'overview',
    title: 'in the manner of blackbox_exporter',
    end: END,
    range: DAY,
    choices: { job: 'legacy_ports' },
  },
  { dashboard: 'overview', title: 'before there was anything', end: END - 10 * DAY, range: 6 * HOUR },
  { dashboard: 'target', title: 'from two places', end: END, range: 6 * HOUR, choices: { target: SHOP } },
  { dashboard: 'target', title: 'that flaps, 5 minutes', end: END, range: 300, choices: { target: FLAPPING } },
  { dashboard: 'target', title: 'that flaps, 30 days', end: END, range: 30 * DAY, choices: { target: FLAPPING } },
  { dashboard: 'target', title: 'with an IPv6 address', end: END, range: DAY, choices: { target: IPV6 } },
  { dashboard: 'target', title: 'that fails', end: END, range: DAY, choices: { target: 'db-2.internal:5432' } },
  { dashboard: 'target', title: 'by HTTP, 6 hours', end: END, range: 6 * HOUR, choices: { target: REPORTS } },
  { dashboard: 'target', title: 'by HTTP, 30 days', end: END, range: 30 * DAY, choices: { target: REPORTS } },
  { dashboard: 'target', title: 'by HTTP, found by discovery', end: END, range: DAY, choices: { target: KIOSK } },
  { dashboard: 'target', title: 'by HTTP, as with blackbox_exporter', end: END, range: DAY, choices: WEBMAIL },
  { dashboard: 'target', title: 'that is not there', end: END, range: DAY, choices: { target: 'nowhere:1' } },
  { dashboard: 'target', title: 'before there was anything', end: END - 10 * DAY, range: 6 * HOUR },
  { dashboard: 'exporter', title: 'everything, 6 hours', end: END, range: 6 * HOUR },
  { dashboard: 'exporter', title: 'everything, a day', end: END, range: DAY, full: true },
  { dashboard: 'exporter', title: 'everything, 30 days', end: END, range: 30 * DAY, full: true },
  { dashboard: 'exporter', title: 'everything, 5 minutes', end: END, range: 300 },
  { dashboard: 'exporter', title: 'one of them', end: END, range: DAY, choices: { instance: '10.1.0.5:9715' } },
  { dashboard: 'exporter', title: 'before there was anything', end: END - 10 * DAY, range: 6 * HOUR },
];
