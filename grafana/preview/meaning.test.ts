import { expect } from 'vitest';
import { Asking, type PanelAnswer } from '../../test/grafana/asking.ts';
import { END } from '../../test/grafana/history-model.ts';
import { startLoadedPrometheus } from '../../test/grafana/loaded-prometheus.ts';
import { committed, type Dashboard, panelOf } from '../../test/grafana/model.ts';
import { SCENARIOS } from '../../test/grafana/scenarios.ts';
import { needs } from '../../test/helpers/programs.ts';
import { judge } from './judged.ts';
import { type Shown, show, textOf } from './shown.ts';

const DAY = 86_400;

needs('prometheus', 'promtool')('every panel shows what it means, by the code of Grafana', async (stage) => {
  const asking = new Asking(await startLoadedPrometheus(stage));
  const wrong: object[] = [];
  let panels = 0;
  for (const { dashboard: name, title, full = false, ...view } of SCENARIOS) {
    for (const answer of await asking.dashboard(committed(name), view)) {
      panels += 1;
      wrong.push(...judge(await show(answer), full).map((finding) => ({ name, title, ...finding })));
    }
  }
  expect(wrong).toEqual([]);
  expect(panels).toBeGreaterThan(300);

  const view = { end: END, range: DAY };
  const answers = await asking.dashboard(committed('overview'), view);
  const text = async (title: string, of: readonly PanelAnswer[]) =>
    textOf(await show(of.find(({ panel }) => panel.title === title) as PanelAnswer));
  expect(await text('Targets', answers)).toEqual(TARGETS);
  expect((await text('Down', answers)).concat(await text('Not probed', answers))).toEqual(TILES);
  expect(await text('Downtime by group', answers)).toEqual(DOWNTIME);
  const later = await asking.dashboard(committed('overview'), { end: END + 3600, range: DAY });
  for (const tile of ['Down', 'Up', 'Not probed', 'Connect p95']) expect(await text(tile, later)).toEqual([]);
  const blackbox = await asking.dashboard(committed('overview'), { ...view, choices: { job: 'legacy_ports' } });
  expect(await text('Targets', blackbox)).toEqual(BLACKBOX);
  const failing = { ...view, choices: { target: 'db-2.internal:5432' } };
  const target = await asking.dashboard(committed('target'), failing);
  expect(await text('Why it fails, and what to look at', target)).toEqual(ADVICE);
  const layered = await asking.dashboard(committed('target'), { ...view, choices: { target: 'kiosk.example.net:80' } });
  expect(await text('Why it fails, and what to look at', layered)).toEqual(ADVICE_IN_LAYERS);
  expect(await text('Layers over time', layered)).toEqual(['port: ok', 'http: ok', 'keyword: broken']);

  const certificates = await show(answers.find(({ panel }) => panel.title === 'Certificates') as PanelAnswer);
  expect(certificates.frames[0]?.fields[0]?.values.map((days) => colorOf(certificates, days))).toEqual(
    CERTIFICATE_COLORS,
  );

  for (const [rule, title, change] of MUTANTS) {
    const dashboard = committed('overview');
    change(panelOf(dashboard, title), dashboard);
    const choices = await asking.choices(dashboard, view);
    const shown = await show(await asking.panel(dashboard, panelOf(dashboard, title), choices, view));
    expect(judge(shown, true).map((finding) => finding.rule)).toContain(rule);
  }
});

const TILES: readonly string[] = ['Value: 7', 'Value: 3'];
const ADVICE: readonly string[] = [
  'From | Reason | Phase | What to look at',
  'zurich | connection_refused | connect | the host answered, nothing listens on the port: the service crashed, was not started, or listens elsewhere',
];
const ADVICE_IN_LAYERS: readonly string[] = [
  'From | Layer | Reason | Phase | What to look at',
  '10.4.0.5:9715 | keyword | content_mismatch | handshake | the answer does not have the expected content',
];
/** The colour of a cell in the first column. */
function colorOf({ frames }: Shown, value: unknown): string | undefined {
  return frames[0]?.fields[0]?.display?.(value).color;
}

const DOWNTIME: readonly string[] = [
  'branch: 6.1 hours',
  'web: 3.6 hours',
  'queues: 26.0 mins',
  'mail: 15.3 mins',
  'no group: 15.2 mins',
  'databases: 13.0 mins',
];

/** Prometheus gives them two labels only, and those without layers are not configured in the exporter. */
const BLACKBOX: readonly string[] = [
  'State | Target | Address | Reason | Layer | Cause | For | Failed checks | Outages | Availability | Connect | Certificate',
  'DOWN | ldap | ldap.example.com:389 | connection_refused in connect | port | – | 12.0 mins | 13 | 1 | 99.10% | – | none',
  'DOWN | webmail | webmail.example.com:443 | too_slow in handshake | response_time | ldap | 11.0 mins | 12 | 1 | 99.17% | 48.7 ms | 45 d',
  'UP | imap | mail.example.com:993 | – | – | – | – | – | 9 | 97.50% | 81.9 ms | 21 d',
  'UP | smtp | mail.example.com:25 | – | – | – | – | – | 0 | 100.00% | 65.9 ms | none',
];

/** Of -2, 5, 21, 33, 45, 60, 71 and 88 days. */
const CERTIFICATE_COLORS = ['#F2495C', '#F2495C', '#FF9830', ...Array<string>(5).fill('#5794F2')];

/** In the order of the alphabet: Prometheus has none. */
const TARGETS: readonly string[] = [
  'State | Target | Address | Reason | Layer | Cause | For | Failed checks | Outages | Availability | Connect | Certificate | Service | Group | Severity',
  'DOWN | kiosk | kiosk.example.net:80 | content_mismatch in handshake | keyword | orders-db | 15.0 mins | 16 | 1 | 98.89% | 36.4 ms | none | http | branch | critical',
  'DOWN | ldap | ldap.example.com:389 | connection_refused in connect | port | – | 12.0 mins | 13 | 1 | 99.10% | – | none | ldap | mail | critical',
  'DOWN | old shop | old.example.com:443 | tls_certificate_expired in tls | – | – | – | 1561 | 0 | 0.00% | 22.3 ms | -2 d | https | web | critical',
  'DOWN | orders-db replica | db-2.internal:5432 | connection_refused in connect | – | – | 25.0 mins | 26 | 1 | 98.19% | – | none | postgresql | databases | critical',
  'DOWN | orders-db | db.example.net:5432 | timeout in connect | – | – | – | 1561 | 0 | 0.00% | – | none | postgresql | branch | critical',
  'DOWN | reports | reports.example.com:443 | http_status in handshake | http | orders-db replica | 24.0 mins | 25 | 4 | 95.97% | 32.6 ms | 60 d | https | web | critical',
  'DOWN | webmail | webmail.example.com:443 | too_slow in handshake | response_time | ldap | 11.0 mins | 12 | 1 | 99.17% | 48.7 ms | 45 d | https | mail | critical',
  'NOT PROBED | cache-2.internal:6379 | cache-2.internal:6379 | exporter_error in connect | – | – | – | 0 | 0 | 100.00% | – | none | redis | caches | critical',
  'NOT PROBED | door | door.example.net:80 | exporter_error in connect | – | – | – | – | – | – | – | none | http | branch | critical',
  'NOT PROBED | scale | scale.example.net:9000 | scrape failed | – | – | – | – | 0 | 100.00% | – | none | tcp | branch | critical',
  'PARTLY | legacy | 10.0.0.9:8080 | host_unreachable in connect | – | – | 59.0 mins | 60 | 1 | 97.91% | 12.2 ms | none | tcp | queues | warning',
  'UP | IPv6 front (a|b) | [2001:db8::10]:443 | – | – | – | – | 0 | 0 | 100.00% | 47.0 ms | 33 d | https | web | critical',
  'UP | api | api.example.com:443 | – | – | – | 3.0 hours | 0 | 1 | 99.93% | 32.1 ms | 88 d | https | web | critical',
  'UP | imap | mail.example.com:993 | – | – | – | 1.3 hours | 0 | 9 | 97.50% | 81.9 ms | 21 d | imaps | mail | warning',
  'UP | orders-db | db-1.internal:5432 | – | – | – | – | 0 | 0 | 100.00% | 1.2 ms | none | postgresql | databases | critical',
  'UP | queue | kafka-1.internal:9092 | – | – | – | 8.6 hours | 0 | 1 | 98.47% | 3.5 ms | none | kafka | queues | critical',
  'UP | sessions | cache-1.internal:6379 | – | – | – | – | 0 | 0 | 100.00% | 776.0 µs | none | redis | caches | critical',
  'UP | shop & checkout | shop.example.com:443 | – | – | – | – | 0 | 0 | 100.00% | 31.1 ms | 5 d | https | web | critical',
  'UP | smtp | mail.example.com:25 | – | – | – | – | 0 | 0 | 100.00% | 65.9 ms | none | smtp | mail | warning',
  'UP | till | till.example.net:443 | – | – | – | – | 0 | 0 | 100.00% | 30.0 ms | none | https | branch | critical',
  'UP | website | www.example.com:443 | – | – | – | – | 0 | 0 | 100.00% | 24.1 ms | 71 d | https | web | critical',
];

type Change = (panel: ReturnType<typeof panelOf>, dashboard: Dashboard) => void;

function ask(replace: (expr: string, ref: string) => string): Change {
  return ({ targets = [] }) => {
    for (const query of targets) query.expr = replace(query.expr ?? '', query.refId);
  };
}

/** Mistakes that can be seen only in what is shown. */
const MUTANTS: readonly (readonly [rule: string, title: string, change: Change])[] = [
  [
    'ghost',
    'Targets',
    ask((expr, ref) => (ref === 'share' ? expr.replaceAll(/ and on \(target, name\) \([^)]*\)/g, '') : expr)),
  ],
  [
    'override',
    'Targets',
    ({ fieldConfig }) => Object.assign(fieldConfig?.overrides[0]?.matcher ?? {}, { options: 'Status' }),
  ],
  ['column', 'Targets', ({ transformations = [] }) => transformations.pop()],
  ['value', 'Targets', ask((expr, ref) => (ref === 'state' ? expr.replace('2 *', '5 *') : expr))],
  ['value', 'Connect p95', ask(() => 'min(probe_ssl_earliest_cert_expiry{job=~"$job"})')],
  ['legend', 'Slowest targets', ({ targets = [] }) => Object.assign(targets[0] ?? {}, { legendFormat: '{{rack}}' })],
  [
    'link',
    'Targets',
    ({ fieldConfig }) => {
      for (const property of (fieldConfig?.overrides ?? []).flatMap(({ properties }) => properties))
        if (property.id === 'links')
          property.value = [
            { title: '', url: '/d/port-exporter-target?var-target=${__data.fields.Host:percentencode}' },
          ];
    },
  ],
];
