import { formatDuration } from '../core/duration.ts';
import { type Alphabet, cut, GSM7, isSpelledInGsm7, UCS2 } from './alphabet.ts';
import type { Alert, Notification } from './notification.ts';

/** gsm7: always the alphabet of mobile phones; auto: any character, in a shorter text, where that alphabet would lose some. */
export const ENCODINGS = ['gsm7', 'auto'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** What is sent: one segment. */
export type SmsText = { readonly text: string; readonly alphabet: 'gsm7' | 'ucs2' };

/** Longer labels are cut before anything is done with them. */
const LONGEST = 500;
/** The worst first; anything else is less than that. */
const SEVERITIES = ['critical', 'warning', 'info'];

/** The one SMS of a notification. Never longer than a segment, whatever the alerts say. */
export function smsText(notification: Notification, encoding: Encoding): SmsText {
  if (encoding === 'auto' && !isSpelledInGsm7(compose(notification, { ...UCS2, limit: GSM7.limit })))
    return { text: compose(notification, UCS2), alphabet: 'ucs2' };
  return { text: compose(notification, GSM7), alphabet: 'gsm7' };
}

function compose(notification: Notification, alphabet: Alphabet): string {
  const firing = notification.alerts.filter(({ status }) => status === 'firing');
  const resolved = notification.alerts.filter(({ status }) => status === 'resolved');
  const more = notification.truncatedAlerts ?? 0;
  if (firing.length === 0) return line(resolved, 'OK', resolved.length + more, '', alphabet);
  const again = resolved.length === 0 ? '' : `; ${resolved.length} ok again`;
  return line(firing, severityOf(firing), firing.length + more, again, alphabet);
}

/** `total` counts alerts too that Alertmanager left out. */
function line(alerts: readonly Alert[], severity: string, total: number, again: string, alphabet: Alphabet): string {
  const { limit, write } = alphabet;
  const [only] = alerts;
  const single = total === 1 && only !== undefined;
  const name = common(alerts.map(({ labels }) => labels['alertname'] ?? ''));
  const title = [
    cut(write(severity), limit / 8, alphabet),
    cut(write(short(name || 'alerts')), (limit * 3) / 8, alphabet),
  ];
  const head = [...title, ...(total > 1 ? [`x${total}`] : [])].filter((word) => word !== '').join(' ');
  const time = single ? timeOf(only) : '';
  const room = limit - alphabet.cost(`${head}: , ${time}${again}`);
  const middle = single
    ? cut(write(details(only)), room, alphabet)
    : names(
        alerts.slice(0, limit).map((alert) => write(nameOf(alert, name === undefined))),
        total,
        room,
        alphabet,
      );
  const body = [middle, time].filter((part) => part !== '').join(', ');
  return cut(`${head}${body === '' ? '' : ': '}${body}${again}`, limit, alphabet);
}

/** As many names as fit, and how many do not. */
function names(all: readonly string[], total: number, room: number, alphabet: Alphabet): string {
  const { cost } = alphabet;
  const everything = all.join(', ');
  if (all.length === total && cost(everything) <= room) return everything;
  let shown = '';
  for (const [i, name] of all.entries()) {
    const longer = i === 0 ? name : `${shown}, ${name}`;
    if (cost(longer + rest(total - i - 1)) > room)
      return i === 0 ? first(name, total, room, alphabet) : shown + rest(total - i);
    shown = longer;
  }
  return shown + rest(total - all.length);
}

/** Not even one name fits as it is. */
function first(name: string, total: number, room: number, alphabet: Alphabet): string {
  return cut(name, room - rest(total - 1).length, alphabet) + rest(total - 1);
}

/** The name of an alert among several; with its kind when they are of different kinds. */
function nameOf(alert: Alert, kinds: boolean): string {
  const parts = [kinds ? short(alert.labels['alertname'] ?? '') : '', short(subject(alert))];
  return parts.filter((part) => part !== '').join(' ') || 'unnamed';
}

function rest(count: number): string {
  return count === 0 ? '' : `, ... ${count} more`;
}

/** What the alert is about, the most telling label there is. */
function subject({ labels, annotations }: Alert): string {
  const { name, target, host, group, instance, job } = labels;
  return name || target || host || group || instance || job || annotations['summary'] || '';
}

function details(alert: Alert): string {
  const { labels, annotations } = alert;
  const what = subject(alert);
  const { target } = labels;
  const cause = annotations['cause'] ? `cause ${short(annotations['cause'])}` : '';
  const place = [short(what), target === what ? '' : short(target ?? '')].filter((part) => part !== '').join(' ');
  // "timeout in connect: what to look at": the advice has no room, and must not take that of the cause.
  const bare = (annotations['reason'] ?? '').replace(/: .*$/s, '');
  const reason = alert.status === 'firing' ? [short(bare), cause] : [];
  return [place, ...reason].filter((part) => part !== '').join(', ');
}

function timeOf({ status, labels, startsAt, endsAt }: Alert): string {
  const began = Date.parse(startsAt);
  if (Number.isNaN(began)) return '';
  if (status === 'firing') return `since ${new Date(began).toISOString().slice(-13, -8)} UTC`;
  const seconds = Math.round((Date.parse(endsAt ?? '') - began) / 1000);
  const was = labels['alertname'] === 'PortUnexpectedlyOpen' ? 'open' : 'down';
  return seconds >= 0 ? `${was} ${formatDuration(seconds * 1000)}` : '';
}

/** The worst severity of the alerts, in capitals: one of them is enough to get up for. */
function severityOf(alerts: readonly Alert[]): string {
  const rank = (severity: string) =>
    SEVERITIES.indexOf(severity) + (SEVERITIES.includes(severity) ? 0 : SEVERITIES.length + 1);
  const all = alerts.map(({ labels }) => labels['severity'] ?? '').sort((a, b) => rank(a) - rank(b));
  return short(all[0] ?? '').toUpperCase();
}

function common(texts: readonly string[]): string | undefined {
  return texts.every((text) => text === texts[0]) ? texts[0] : undefined;
}

function short(text: string): string {
  return text.length > LONGEST ? text.slice(0, LONGEST) : text;
}
