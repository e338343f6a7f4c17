import { expect, vi } from 'vitest';
import { portDown, SOON, startMessages, told } from '../helpers/e2e-alert-messages.ts';
import { type SlackTexts, slackMessages, smsTexts } from '../helpers/e2e-alert-recorder.ts';
import type { Alert } from '../helpers/e2e-alertmanager.ts';
import { needs } from '../helpers/programs.ts';

/** All of GSM 03.38's basic alphabet that the template lets through: each is one septet. */
const ONE_SEGMENT = /^[A-Za-z0-9 @$_!#%&'()*+,./:;<=>?¡¿£¤¥§ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΔΘΛΞΠΣΦΨΩΓ-]{1,160}$/;
const LINKS =
  '<https://grafana.example.org/d/port-target?var-target=db1%3A5432&amp;kiosk|Dashboard>' +
  ' | <https://runbooks.example.org/port/PortDown|Runbook> | <SILENCE|Silence>' +
  ' | <http://prometheus.example.org/graph?g0.expr=x+%3D%3D+1&amp;g0.tab=1|Query>';

needs('prometheus-alertmanager')('one alert that starts and ends: every word of it', async (stage) => {
  const chain = await startMessages(stage);
  const startsAt = new Date(Date.now() - 65_000);
  await chain.alertmanager.post({ ...portDown(), startsAt });
  await vi.waitFor(() => expect([chain.slack.received.length, chain.sns.received.length]).toEqual([1, 1]), SOON);
  const endsAt = new Date(startsAt.getTime() + 65_000);
  await chain.alertmanager.post({ ...portDown(), startsAt, endsAt });
  await vi.waitFor(() => expect([chain.slack.received.length, chain.sns.received.length]).toEqual([2, 2]), SOON);

  expect(chain.slack.received.map(({ path, headers }) => [path, headers['content-type']])).toEqual(
    Array(2).fill(['/services/T/B/x', 'application/json']),
  );
  const silence =
    'http://alertmanager.example.org/#/silences/new?filter=' +
    '%7Balertname%3D%22PortDown%22%2C%20job%3D%22port_exporter%22%2C%20target%3D%22db1%3A5432%22%2C%20name%3D%22orders-db%22%7D';
  expect(JSON.parse(chain.slack.received[0]?.body ?? '')).toEqual({
    username: 'Alertmanager',
    attachments: [
      {
        title: 'CRITICAL PortDown in databases',
        title_link: 'http://alertmanager.example.org/#/alerts?receiver=slack',
        text: [
          ':red_circle: *orders-db is down* `db1:5432`',
          'Reason: connection_refused in connect: the host answered, nothing listens on the port',
          'Since: 2026-11-22 06:00:00 UTC',
          'postgresql at db1:5432 failed 2 checks in a row.',
          `${LINKS.replace('SILENCE', silence)}\n`,
        ].join('\n'),
        fallback: 'CRITICAL PortDown in databases',
        callback_id: '',
        footer: '',
        color: 'danger',
        mrkdwn_in: ['fallback', 'pretext', 'text'],
      },
    ],
  });
  expect(slackMessages(chain.slack)[1]).toEqual({
    color: 'good',
    title: 'RESOLVED PortDown in databases',
    text:
      ':large_green_circle: *orders-db* PortDown resolved `db1:5432` after 1m5s ' +
      `(${clock(startsAt)} to ${clock(endsAt)} UTC)\n`,
  });
  expect(smsTexts(chain.sns, 'Message')).toEqual([
    `CRITICAL PortDown: orders-db db1:5432, connection_refused in connect, since ${clock(startsAt).slice(0, 5)} UTC`,
    'OK PortDown: orders-db db1:5432, down 1m5s',
  ]);
  const sent = Object.fromEntries(new URLSearchParams(chain.sns.received[0]?.body));
  expect(sent).toMatchObject({ Action: 'Publish', PhoneNumber: '+15550100' });
  expect(sent).not.toHaveProperty('Subject');
});

needs('prometheus-alertmanager')('a cause that is known is named', async (stage) => {
  const { slack, sms } = await told(stage, portDown({}, { cause: 'sessions is down' }));

  expect(slack.text.split('\n').slice(0, 3)).toEqual([
    ':red_circle: *orders-db is down* `db1:5432`',
    'Probable cause: *sessions is down*',
    'Reason: connection_refused in connect: the host answered, nothing listens on the port',
  ]);
  expect(sms).toMatch(
    /^CRITICAL PortDown: orders-db db1:5432, connection_refused in connect, cause sessions is down, /,
  );
});

needs('prometheus-alertmanager')('several alerts are one message, and what ends meanwhile is in it', async (stage) => {
  const chain = await startMessages(stage);
  const startsAt = new Date();
  const [one, two, three] = ['one', 'two', 'three'].map((name) => ({
    ...portDown({ name, target: `${name}:80` }, { summary: `${name} is down` }),
    startsAt,
  })) as [Alert, Alert, Alert];
  await chain.alertmanager.post(one, two, three);
  await vi.waitFor(() => expect([chain.slack.received.length, chain.sns.received.length]).toEqual([1, 1]), SOON);
  await chain.alertmanager.post({ ...two, endsAt: new Date() });
  await vi.waitFor(() => expect([chain.slack.received.length, chain.sns.received.length]).toEqual([2, 2]), SOON);

  const messages = slackMessages(chain.slack);
  expect(messages.map(({ title }) => title)).toEqual([
    'CRITICAL PortDown (3) in databases',
    'CRITICAL PortDown (2) in databases',
  ]);
  expect(messages.map(({ text }) => text.match(/^:.*?\*.*?\*/gm))).toEqual([
    [':red_circle: *one is down*', ':red_circle: *three is down*', ':red_circle: *two is down*'],
    [':red_circle: *one is down*', ':red_circle: *three is down*', ':large_green_circle: *two*'],
  ]);
  expect(smsTexts(chain.sns, 'Message')).toEqual([
    'CRITICAL PortDown x3: one, three, two',
    'CRITICAL PortDown x2: one, three; 1 ok again',
  ]);
});

needs('prometheus-alertmanager')(
  'what fails together is one message per group in Slack, and one SMS',
  async (stage) => {
    const { alertmanager, slack, sns } = await startMessages(stage);
    const groups = ['caches', 'caches', 'databases', 'databases', 'databases'];
    const startsAt = new Date();

    await alertmanager.post(
      ...groups.map((group, i) => ({ ...portDown({ target: `t${i}:1`, name: `t${i}`, group }), startsAt })),
    );
    await vi.waitFor(() => expect([slack.received.length, sns.received.length]).toEqual([2, 1]), SOON);

    expect(
      slackMessages(slack)
        .map(({ title }) => title)
        .sort(),
    ).toEqual(['CRITICAL PortDown (2) in caches', 'CRITICAL PortDown (3) in databases']);
    expect(smsTexts(sns, 'Message')).toEqual(['CRITICAL PortDown x5: t0, t1, t2, t3, t4']);
  },
);

needs('prometheus-alertmanager')('five hundred alerts are a message that Slack takes, and one SMS', async (stage) => {
  const chain = await startMessages(stage);
  const startsAt = new Date();
  const long = { summary: 's'.repeat(2000), description: 'd'.repeat(2000), reason: 'r'.repeat(2000) };
  const alerts = Array.from({ length: 500 }, (_, i) => ({
    ...portDown({ name: `database ${i}`, target: `db${i}:5432` }, long),
    startsAt,
  }));
  await chain.alertmanager.post(...alerts);
  await vi.waitFor(() => expect([chain.slack.received.length, chain.sns.received.length]).toEqual([1, 1]), SOON);
  const endsAt = new Date();
  await chain.alertmanager.post(...alerts.map((alert) => ({ ...alert, endsAt })));
  await vi.waitFor(() => expect([chain.slack.received.length, chain.sns.received.length]).toEqual([2, 2]), SOON);

  const [firing, resolved] = slackMessages(chain.slack) as [SlackTexts, SlackTexts];
  expect(firing.title).toBe('CRITICAL PortDown (500) in databases');
  expect(firing.text.match(/:red_circle:/g)).toHaveLength(10);
  expect(firing.text).toContain(`*${'s'.repeat(297)}...*`);
  expect(firing.text).toContain(`Reason: ${'r'.repeat(297)}...\n`);
  expect(firing.text).toContain(`\n${'d'.repeat(597)}...\n`);
  expect(firing.text).toMatch(/\n\.\.\. and more: 500 in all\n$/);
  expect(firing.text.length).toBeLessThan(40_000);
  expect(resolved.text.match(/:large_green_circle:/g)).toHaveLength(10);
  expect(resolved.text).toMatch(/\n\.\.\. and more: 500 resolved in all\n$/);
  const texts = smsTexts(chain.sns, 'Message');
  expect(texts.map((text) => [text.length, text.slice(0, 42), text.slice(-3)])).toEqual([
    [160, 'CRITICAL PortDown x500: database 0, databa', '...'],
    [160, 'OK PortDown x500: database 0, database 1, ', '...'],
  ]);
});

needs('prometheus-alertmanager')('an alert with nothing but its name is still readable', async (stage) => {
  const startsAt = new Date();
  const { slack, sms } = await told(stage, { labels: { alertname: 'Bare', severity: 'critical' }, startsAt });

  const silence = 'http://alertmanager.example.org/#/silences/new?filter=%7Balertname%3D%22Bare%22%7D';
  expect(slack).toEqual({
    color: 'danger',
    title: 'CRITICAL Bare',
    text: `:red_circle: *Bare*\nSince: ${day(startsAt)} ${clock(startsAt)} UTC\n<${silence}|Silence>\n`,
  });
  expect(sms).toBe(`CRITICAL Bare: ?, since ${clock(startsAt).slice(0, 5)} UTC`);
});

needs('prometheus-alertmanager')('a name cannot call the channel, nor pass itself off as a link', async (stage) => {
  const evil = '<!channel> & <http://x|y> `code`\n<@U1>';
  const { slack, sms } = await told(
    stage,
    portDown(
      { name: evil, target: evil, group: evil },
      {
        summary: evil,
        description: evil,
        reason: evil,
        since: evil,
        cause: evil,
        dashboard_url: 'https://g/?a=1|b> <!here>',
        runbook_url: 'javascript:alert(1)',
      },
    ),
  );

  const safe = '&lt;!channel&gt; &amp; &lt;http://x|y&gt; `code` &lt;@U1&gt;';
  expect(slack.title).toBe(`CRITICAL PortDown in ${safe}`);
  const lines = slack.text.split('\n');
  expect(lines.slice(0, 6)).toEqual([
    `:red_circle: *${safe}* \`${safe.replaceAll('`', "'")}\``,
    `Probable cause: *${safe}*`,
    `Reason: ${safe}`,
    `Since: ${safe}`,
    '&lt;!channel&gt; &amp; &lt;http://x|y&gt; `code`',
    '&lt;@U1&gt;',
  ]);
  expect(lines[6]).toMatch(
    /^<https:\/\/g\/\?a=1%7Cb%3E%20%3C!here%3E\|Dashboard> \| <http:\S+\|Silence> \| <http:\S+\|Query>$/,
  );
  expect(sms).toMatch(ONE_SEGMENT);
});

needs('prometheus-alertmanager')(
  'names in any script reach Slack as they are, and the phone in one segment',
  async (stage) => {
    const name = 'Bestell-Datenbank Zürich 東京 🔥 [a]{b}"c"~^\\|€';
    const { slack, sms } = await told(stage, portDown({ name }, { summary: `${name} is down` }));

    expect(slack.text).toContain(`*${name} is down*`);
    expect(sms).toMatch(ONE_SEGMENT);
    expect(sms).toMatch(/^CRITICAL PortDown: Bestell-Datenbank Zürich \?\? \? \(a\)\(b\)'c'\?\?\?\?\? db1:5432, /);
  },
);

needs('prometheus-alertmanager')('the silence link finds its alert alone, whatever is in the labels', async (stage) => {
  const target = 'a "quoted" \\ back+slash, {brace}=~ & 100% ü';
  const chain = await startMessages(stage);
  await chain.alertmanager.post(portDown({ target }), portDown({ target, name: `${target} 2` }));
  await vi.waitFor(() => expect(chain.slack.received.length).toBeGreaterThan(0), SOON);

  const text = slackMessages(chain.slack)[0]?.text ?? '';
  const links = Array.from(text.matchAll(/<([^|>]*)\|Silence>/g), ([, link = '']) => link);
  const filters = links.map((link) => decodeURIComponent(link.split('filter=')[1] ?? ''));
  const escaped = target.replace(/["\\]/g, '\\$&');
  const one = `alertname="PortDown", job="port_exporter", target="${escaped}"`;
  expect(filters.sort()).toEqual([`{${one}, name="${escaped} 2"}`, `{${one}, name="orders-db"}`]);
  const found = await chain.alertmanager.alerts(`name="${escaped} 2"`);
  expect(found.map(({ labels }) => labels['target'])).toEqual([target]);
});

/** 06:31:00 */
function clock(time: Date): string {
  return time.toISOString().slice(11, 19);
}

/** 2026-11-22 */
function day(time: Date): string {
  return time.toISOString().slice(0, 10);
}
