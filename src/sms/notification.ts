import { createHash } from 'node:crypto';
import { z } from 'zod';

const STATUS = z.enum(['firing', 'resolved'], { error: 'must be firing or resolved' });
const TEXT = z.string({ error: 'must be text' });
const COUNT = 'must be a whole number of at least 0';
const ALERTS = 'must be a list of at least one alert';
const MAPPING = 'must be a mapping';
/**
 * Go writes an empty map as null in places; other senders leave it out. Looked at by hand up to the first text that is none: zod notes
 * every problem, and megabytes of them cost a gigabyte.
 */
const TEXTS = z
  .unknown()
  .optional()
  .transform((texts, context): Readonly<Record<string, string>> => {
    const value = texts ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      context.addIssue({ code: 'custom', message: 'must be a mapping of names to texts' });
      return z.NEVER;
    }
    const wrong = Object.entries(value).find(([, text]) => typeof text !== 'string');
    if (wrong === undefined) return value as Record<string, string>;
    context.addIssue({ code: 'custom', message: 'must be text', path: [wrong[0]] });
    return z.NEVER;
  });

const ALERT = z.object(
  {
    status: STATUS,
    labels: TEXTS,
    annotations: TEXTS,
    startsAt: TEXT,
    endsAt: TEXT.nullish(),
    fingerprint: TEXT.nullish(),
  },
  { error: MAPPING },
);

/**
 * What Alertmanager posts, version 4, as far as an SMS needs it. Another version is taken as long as it has this shape.
 * Source: Alertmanager, "Configuration", <webhook_config>.
 */
const ENVELOPE = z.object(
  {
    groupKey: TEXT,
    status: STATUS,
    receiver: TEXT,
    truncatedAlerts: z.int({ error: COUNT }).min(0, { error: COUNT }).nullish(),
    // Each looked at by itself.
    alerts: z.array(z.unknown(), { error: ALERTS }).min(1, { error: ALERTS }),
  },
  { error: MAPPING },
);

export type Alert = z.output<typeof ALERT>;
export type Notification = Omit<z.output<typeof ENVELOPE>, 'alerts'> & { readonly alerts: readonly Alert[] };

/** What a notification is about, and what it says of that. Of one group, others contradict it, or do not. */
export type Topic = { readonly group: string; readonly says: 'firing' | 'resolved' | 'both' };

/** The body of a request is no notification. The message is one line that names the field. */
export class MalformedNotification extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedNotification';
  }
}

/** Reads the body that Alertmanager posts. Stops at the first alert that is wrong. */
export function readNotification(body: string): Notification {
  const envelope = understood(ENVELOPE.safeParse(parsed(body)), []);
  const alerts = envelope.alerts.map((alert, i) => understood(ALERT.safeParse(alert), ['alerts', i]));
  return { ...envelope, alerts };
}

function understood<Output>(read: z.ZodSafeParseResult<Output>, at: readonly PropertyKey[]): Output {
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = [...at, ...(issue?.path ?? [])];
  const field = path.length === 0 ? 'the body' : fieldName(path);
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
  return digest([route, receiver, groupKey, status, truncatedAlerts ?? 0, alerts]);
}

/** What the notification is about, so that others of the same group can be known to contradict it. */
export function notificationTopic({ receiver, groupKey, alerts }: Notification, route: string): Topic {
  const group = digest([route, receiver, groupKey]);
  const [says = 'both', ...others] = new Set(alerts.map(({ status }) => status));
  return { group, says: others.length === 0 ? says : 'both' };
}

function digest(identity: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
}

function alertKey({ status, labels, startsAt, fingerprint }: Alert): string {
  const which = fingerprint || Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  // Not when it ended: while it fires that is a guess of when to give it up, and the two Alertmanagers of a pair need not agree on the end.
  return JSON.stringify([which, status, startsAt]);
}
