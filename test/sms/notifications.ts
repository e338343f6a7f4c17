import type { Alert, Notification } from '../../src/sms/notification.ts';

type Texts = Readonly<Record<string, string>>;

export function alert(labels: Texts = {}, overrides: Partial<Alert> = {}): Alert {
  return {
    status: 'firing',
    labels: { alertname: 'PortDown', severity: 'critical', ...labels },
    annotations: {},
    startsAt: '2026-11-22T06:31:00.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    ...overrides,
  };
}

export function resolved(labels: Texts = {}, overrides: Partial<Alert> = {}): Alert {
  return alert(labels, { status: 'resolved', endsAt: '2026-11-22T06:32:05.1Z', ...overrides });
}

/** A notification as Alertmanager makes it of these alerts. */
export function notification(alerts: readonly Alert[], overrides: Partial<Notification> = {}): Notification {
  return {
    groupKey: '{}/{severity="critical"}:{alertname="PortDown"}',
    status: alerts.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    receiver: 'sms',
    alerts: [...alerts],
    ...overrides,
  };
}

export const ORDERS = alert(
  { name: 'orders-db', target: 'db1:5432' },
  { annotations: { reason: 'connection_refused in connect' } },
);

/** The same as Alertmanager 0.25 posts it. */
export function body(of: Notification): string {
  const rest = {
    version: '4',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://am',
    truncatedAlerts: 0,
  };
  return JSON.stringify({ ...rest, ...of });
}
