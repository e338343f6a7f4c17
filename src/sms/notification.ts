import { createHash } from 'node:crypto';
import { z } from 'zod';

const STATUS = z.enum(['firing', 'resolved']);
/** Go writes an empty map as null in places; other senders leave it out. */
const TEXTS = z
  .record(z.string(), z.string())
  .nullish()
  .transform((texts) => texts ?? {});

const ALERT = z.object({
  status: STATUS,
  labels: TEXTS,
  annotations: TEXTS,
  startsAt: z.string(),
  endsAt: z.string().nullish(),
  fingerprint: z.string().nullish(),
});

/**
 * What Alertmanager posts, version 4, as far as an SMS needs it. Another version is taken as long as it has this shape.
 * Source: Alertmanager, "Configuration", <webhook_config>.
 */
const NOTIFICATION = z.object({
  groupKey: z.string(),
  status: STATUS,
  receiver: z.string(),
  truncatedAlerts: z.int().min(0).nullish(),
  alerts: z.array(ALERT).min(1),
});

export type Alert = z.output<typeof ALERT>;
export type Notification = z.output<typeof NOTIFICATION>;

/** The body of a request is no notification. The message is one line that names the field. */
export class MalformedNotification extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedNotification';
  }
}

/** Reads the body that Alertmanager posts. */
export function readNotification(body: string): Notification {
  const read = NOTIFICATION.safeParse(parsed(body));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'the body' : fieldName(issue.path);
  throw new MalformedNotification(`not a notification of Alertmanager: ${field}: ${issue?.message ?? 'is wrong'}`);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new MalformedNotification('the body is not JSON: this address takes the webhook of Alertmanager');
  }
}

const SHOWN = 80;

function fieldName(path: readonly PropertyKey[]): string {
  const name = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return JSON.stringify(name.replace(/^\./, '').slice(0, SHOWN)).slice(1, -1);
}

/**
 * Tells one notification from another. Everything that is the same when Alertmanager tries again, and differs when there is something new
 * to say: who gets it, which group, and which alerts fire or are over since when. No annotations: their text may hold values that change.
 */
export function notificationKey(notification: Notification, route: string): string {
  const { receiver, groupKey, status, truncatedAlerts } = notification;
  const alerts = notification.alerts.map(alertKey).sort();
  const identity = [route, receiver, groupKey, status, truncatedAlerts ?? 0, alerts];
  return createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
}

function alertKey({ status, labels, startsAt, endsAt, fingerprint }: Alert): string {
  const which = fingerprint || Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  // The end of a firing alert is only Alertmanager's guess of when to give it up.
  return JSON.stringify([which, status, startsAt, status === 'resolved' ? endsAt : '']);
}
