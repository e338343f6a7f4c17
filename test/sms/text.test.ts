import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GSM7 } from '../../src/sms/alphabet.ts';
import { type Notification, readNotification } from '../../src/sms/notification.ts';
import { smsText } from '../../src/sms/text.ts';
import { alert, notification, ORDERS, resolved } from './notifications.ts';

function gsm(of: Notification): string {
  return smsText(of, 'gsm7').text;
}

const many = (count: number, make = alert) => Array.from({ length: count }, (_, i) => make({ name: `db-${i + 1}` }));

describe('the text of a notification', () => {
  test.each<[string, Notification]>([
    ['CRITICAL PortDown: orders-db db1:5432, connection_refused in connect, since 06:31 UTC', notification([ORDERS])],
    [
      'CRITICAL PortDown: shop shop:443, cause orders-db, since 06:31 UTC',
      notification([alert({ name: 'shop', target: 'shop:443' }, { annotations: { cause: 'orders-db' } })]),
    ],
    ['CRITICAL PortDown: db1:5432, since 06:31 UTC', notification([alert({ name: 'db1:5432', target: 'db1:5432' })])],
    ['CRITICAL PortDown x3: db-1, db-2, db-3', notification(many(3))],
    ['CRITICAL PortDown x2: db-1, db-2; 1 ok again', notification([...many(2), resolved({ name: 'x' })])],
    [
      'CRITICAL PortDown: orders-db db1:5432, connection_refused in connect, since 06:31 UTC; 2 ok again',
      notification([ORDERS, resolved({ name: 'x' }), resolved({ name: 'y' })]),
    ],
    ['OK PortDown: orders-db db1:5432, down 1m5s', notification([resolved({ name: 'orders-db', target: 'db1:5432' })])],
    [
      'OK PortUnexpectedlyOpen: orders-db db1:5432, open 1m5s',
      notification([resolved({ alertname: 'PortUnexpectedlyOpen', name: 'orders-db', target: 'db1:5432' })]),
    ],
    ['OK PortDown x2: db-1, db-2', notification(many(2, resolved))],
    [
      'CRITICAL alerts x2: PortDown db1, PortSlow db2',
      notification([alert({ name: 'db1' }), alert({ alertname: 'PortSlow', severity: 'warning', name: 'db2' })]),
    ],
    [
      'WARNING PortGroupDown: databases, since 06:31 UTC',
      notification([alert({ alertname: 'PortGroupDown', severity: 'warning', group: 'databases' })]),
    ],
    ['alerts: since 06:31 UTC', notification([alert({}, { labels: {} })])],
    [
      'alerts: the disk is full, since 06:31 UTC',
      notification([alert({}, { labels: {}, annotations: { summary: 'the disk\nis full' } })]),
    ],
    ['CRITICAL PortDown: db1', notification([alert({ name: 'db1' }, { startsAt: 'yesterday' })])],
    ['CRITICAL PortDown: Jäger-db Lodz, since 06:31 UTC', notification([alert({ name: 'Jäger-db Łódź' })])],
    ['CRITICAL PortDown: shop ?, since 06:31 UTC', notification([alert({ name: 'shop 🛒\ufe0f' })])],
  ])('%s', (expected, of) => {
    expect(gsm(of)).toBe(expected);
  });

  test('names as many as fit and counts the rest', () => {
    const text = gsm(notification(many(500)));
    expect(text).toMatch(/^CRITICAL PortDown x500: db-1, db-2, .*, \.\.\. \d+ more$/);
    const shown = text.match(/db-\d+/g) ?? [];
    expect(Number(/(\d+) more/.exec(text)?.[1])).toBe(500 - shown.length);
    expect(text.length).toBeGreaterThan(148);
  });

  test('names all of them when all of them fit, however long "and more" would be', () => {
    const names = ['a'.repeat(60), 'b'.repeat(60), 'c'];
    expect(gsm(notification(names.map((name) => alert({ name }))))).toBe(`CRITICAL PortDown x3: ${names.join(', ')}`);
  });

  test('counts the alerts that Alertmanager has left out', () => {
    expect(gsm(notification(many(2), { truncatedAlerts: 5 }))).toBe('CRITICAL PortDown x7: db-1, db-2, ... 5 more');
  });

  test('leaves out the advice that follows the reason, so that the cause is in', () => {
    const annotations = {
      reason: 'timeout in connect: no answer: in phase connect a firewall drops packets',
      cause: 'orders-db',
    };
    expect(gsm(notification([alert({ name: 'shop' }, { annotations })]))).toContain(
      'shop, timeout in connect, cause orders-db',
    );
  });

  test('keeps the time and what is ok again when a name or a reason is too long', () => {
    const long = alert({ name: 'n'.repeat(300) }, { annotations: { reason: 'r'.repeat(2000) } });
    const text = gsm(notification([long, resolved()]));
    expect(text).toMatch(/^CRITICAL PortDown: n+\.\.\., since 06:31 UTC; 1 ok again$/);
    expect(text).toHaveLength(160);
  });

  test('is one segment for an alert with a summary of 2,000 characters and no labels', () => {
    expect(
      gsm(notification([alert({}, { labels: {}, annotations: { summary: 'émail😀'.repeat(300) } })])),
    ).toHaveLength(160);
  });

  test('counts brackets and braces twice, as phones do', () => {
    const text = gsm(notification([alert({ name: '[]'.repeat(100) })]));
    expect(GSM7.cost(text)).toBeLessThanOrEqual(160);
    expect(text.length).toBeLessThan(110);
  });
});

describe('encoding: auto', () => {
  test('is GSM-7 where nothing is lost', () => {
    expect(smsText(notification([alert({ name: 'Jäger ñandú' })]), 'auto')).toEqual({
      text: 'CRITICAL PortDown: Jäger ñandu, since 06:31 UTC',
      alphabet: 'gsm7',
    });
  });

  test('is UCS-2, 70 UTF-16 units, where GSM-7 has no such characters', () => {
    const { text, alphabet } = smsText(notification([alert({ name: '数据库'.repeat(30) })]), 'auto');
    expect(alphabet).toBe('ucs2');
    expect(text).toMatch(/^CRITICAL PortDown: 数据库.*\.\.\., since 06:31 UTC$/);
    expect(text).toHaveLength(70);
  });
});

const words = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('firing', '', '[', '€€€€', '\ud83d', 'x'.repeat(400), '🧑‍🚒'.repeat(60)),
);
const texts = fc.option(
  fc.dictionary(
    fc.oneof(fc.constantFrom('alertname', 'severity', 'name', 'target', 'reason', 'cause', 'summary'), words),
    words,
  ),
);
const times = fc.oneof(
  words,
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
);
const statuses = fc.constantFrom('firing', 'resolved');
const bodies = fc.record({
  version: words,
  groupKey: words,
  status: statuses,
  receiver: words,
  truncatedAlerts: fc.option(fc.nat()),
  alerts: fc.array(
    fc.record({
      status: statuses,
      labels: texts,
      annotations: texts,
      startsAt: times,
      endsAt: times,
      fingerprint: fc.option(words),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});
const ENCODABLE = /^[@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/;

test('whatever the alerts say, the text is one segment of characters that GSM-7 has', () => {
  fc.assert(
    fc.property(bodies, (sent) => {
      const { text } = smsText(readNotification(JSON.stringify(sent)), 'gsm7');
      const septets = Array.from(text).reduce((sum, char) => sum + ('^{}\\[~]|€'.includes(char) ? 2 : 1), 0);
      expect(text).toMatch(ENCODABLE);
      expect(text).not.toBe('');
      expect(septets).toBeLessThanOrEqual(160);
    }),
  );
});

test('whatever the alerts say, with encoding: auto it is one segment too, and no character is halved', () => {
  fc.assert(
    fc.property(bodies, (sent) => {
      const { text, alphabet } = smsText(readNotification(JSON.stringify(sent)), 'auto');
      if (alphabet === 'gsm7') expect(GSM7.cost(text)).toBeLessThanOrEqual(160);
      else expect(text.length).toBeLessThanOrEqual(70);
      expect(text).not.toMatch(/\p{Cs}/u);
    }),
  );
});
