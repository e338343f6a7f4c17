import { writeFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { startAlertChain } from '../helpers/e2e-alert-chain.ts';
import { slackMessages } from '../helpers/e2e-alert-recorder.ts';
import { startRedis } from '../helpers/e2e-alert-services.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { type Need, needs } from '../helpers/programs.ts';

const CHAIN: readonly Need[] = ['prometheus', 'prometheus-alertmanager', 'redis-server'];
const DEFAULTS = { interval: '2s', timeout: '500ms', failures: 2, severity: 'critical' };
const SOON = { timeout: 40_000, interval: 100 };

needs(...CHAIN)(
  'a port that should be closed and opens is told once, and so is that it is closed again',
  async (stage) => {
    const redis = await startRedis(stage);
    await redis.kill();
    const groups = [{ name: 'outside', expect: 'closed', targets: [{ name: 'sessions', address: redis.address }] }];
    const exporter = await startExporter(stage, { config: { defaults: DEFAULTS, groups } });
    const chain = await startAlertChain(stage, exporter);
    await chain.sees('sessions');

    await redis.start();
    await chain.told(1, 1);
    await redis.kill();
    await chain.told(2, 2);

    const [open] = slackMessages(chain.slack);
    expect(open?.text).toContain(`\`${redis.address}\``);
    expect(open?.text).toMatch(/^Reason: unexpectedly_open in connect/m);
    expect(chain.slackTitles()).toEqual([
      'CRITICAL PortUnexpectedlyOpen in outside',
      'RESOLVED PortUnexpectedlyOpen in outside',
    ]);
    expect(chain.sms().map((text) => text.split(',')[0])).toEqual([
      `CRITICAL PortUnexpectedlyOpen: sessions ${redis.address}`,
      `OK PortUnexpectedlyOpen: sessions ${redis.address}`,
    ]);
  },
);

needs(...CHAIN)(
  'what is down within a window is told when the window is over, what is beside it at once',
  async (stage) => {
    const planned = await startRedis(stage, '127.0.0.1');
    const beside = await startRedis(stage, '127.0.0.2');
    const watched = {
      defaults: DEFAULTS,
      groups: [
        { name: 'caches', targets: [{ name: 'sessions', address: planned.address }] },
        { name: 'queues', targets: [{ name: 'jobs', address: beside.address }] },
      ],
    };
    const [from, until] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
    const maintenance = [{ name: 'new disks', targets: ['sessions'], from, until }];
    const exporter = await startExporter(stage, { config: { ...watched, maintenance } });
    const chain = await startAlertChain(stage, exporter);
    await chain.sees('sessions', 'jobs');

    await Promise.all([planned.kill(), beside.kill()]);
    await chain.told(1, 1);
    const failures = () => chain.prometheus.value('probe_consecutive_failures{name="sessions"}');
    await vi.waitFor(async () => expect(await failures()).toBeGreaterThanOrEqual(4), SOON);
    expect(await chain.alertmanager.alerts('name="sessions"')).toEqual([]);
    expect(await chain.prometheus.value('probe_maintenance{name="sessions"}')).toBe(1);
    expect(chain.everything()).not.toContain('sessions');

    writeFileSync(exporter.configFile, JSON.stringify(watched));
    expect((await exporter.get('/-/reload', { method: 'POST' })).status).toBe(200);
    await chain.told(2, 2);
    await planned.start();
    await chain.told(3, 3);

    expect(chain.slackTitles()).toEqual([
      'CRITICAL PortDown in queues',
      'CRITICAL PortDown in caches',
      'RESOLVED PortDown in caches',
    ]);
    expect(chain.sms()).toEqual([
      expect.stringMatching(/^CRITICAL PortDown: jobs /),
      'CRITICAL PortDown x2: sessions, jobs',
      expect.stringMatching(/^CRITICAL PortDown: jobs .*; 1 ok again$/),
    ]);
  },
);
