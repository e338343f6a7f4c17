import { describe, expect, test } from 'vitest';
import { exporter } from '../helpers/exporter.ts';
import { blackHole, closedPort, peer } from '../helpers/peers.ts';

function group(name: string, targets: readonly string[], more = ''): string {
  return `- name: ${name}\n  timeout: 1s\n${more}  targets: [${targets.map((text) => JSON.stringify(text)).join(', ')}]\n`;
}

function lines(body: string, family: string): string[] {
  return body.split('\n').filter((line) => line.startsWith(`${family}{`) || line.startsWith(`${family} `));
}

test('every configured target is probed now, with its labels and the reason of its failure', async () => {
  await using listener = await peer();
  const closed = await closedPort();
  await using app = await exporter(
    `groups:\n${group('all', [listener.address, `127.0.0.1:${closed}`], '  labels: { team: "a\\"b\\\\c" }\n')}`,
  );
  const { body, status } = await app.get('/metrics');
  expect(status).toBe(200);
  const labels = (address: string) =>
    `target="${address}",name="${address}",service="tcp",group="all",severity="critical",team="a\\"b\\\\c"`;
  expect(lines(body, 'probe_success')).toEqual([
    `probe_success{${labels(listener.address)}} 1`,
    `probe_success{${labels(`127.0.0.1:${closed}`)}} 0`,
  ]);
  expect(lines(body, 'probe_failure_info')).toEqual([
    `probe_failure_info{${labels(`127.0.0.1:${closed}`)},reason="connection_refused",phase="connect"} 1`,
  ]);
  expect(lines(body, 'probe_tcp_duration_seconds')).toHaveLength(1);
  expect(lines(body, 'probe_consecutive_failures').map((line) => line.slice(-2))).toEqual([' 0', ' 1']);
  expect(lines(body, 'port_exporter_targets')).toEqual(['port_exporter_targets 2']);
});

test('each family stands once, in one piece, under its heading', async () => {
  await using listener = await peer();
  await using app = await exporter(`groups:\n${group('all', [listener.address, `localhost:${listener.port}`])}`);
  const { body } = await app.get('/metrics');
  const names = body.split('\n').flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
  expect(new Set(names).size).toBe(names.length);
  let current = '';
  for (const line of body.split('\n').filter((text) => text !== '' && !text.startsWith('# HELP'))) {
    const type = /^# TYPE (\S+)/.exec(line)?.[1];
    if (type !== undefined) current = type;
    else expect(line.startsWith(current), `${line} stands under ${current}`).toBe(true);
  }
});

describe('what is asked for', () => {
  test.each([
    ['?collect[]=exporter', false, true],
    ['?collect%5B%5D=exporter', false, true],
    ['?collect=exporter', false, true],
    ['?collect[]=targets', true, false],
    ['?collect[]=targets&collect[]=exporter', true, true],
    ['', true, true],
  ])('/metrics%s', async (query, targets, own) => {
    await using listener = await peer();
    await using app = await exporter(`groups:\n${group('all', [listener.address])}`);
    const { body } = await app.get(`/metrics${query}`);
    expect(body.includes('probe_success')).toBe(targets);
    expect(body.includes('port_exporter_build_info')).toBe(own);
    expect(listener.connections()).toBe(targets ? 1 : 0);
  });

  test.each([
    ['?group=a', ['a1', 'a2']],
    ['?group=a&group=b', ['a1', 'a2', 'b1']],
    ['?target=b1', ['b1']],
    ['?group=a&target=a2', ['a2']],
    ['?group=a&target=b1', []],
  ])('/metrics%s narrows it', async (query, names) => {
    await using listener = await peer();
    const named = (name: string) => `  - { name: ${name}, address: "${listener.address}" }\n`;
    const yaml = `groups:\n- name: a\n  targets:\n${named('a1')}${named('a2')}- name: b\n  targets:\n${named('b1')}`;
    await using app = await exporter(yaml);
    const { body } = await app.get(`/metrics${query}`);
    expect(lines(body, 'probe_success').map((line) => /name="(\w+)"/.exec(line)?.[1])).toEqual(names);
  });

  test.each([
    ['?group=c', 'group="c" is unknown: it must be the name of a configured group'],
    ['?target=c', 'target="c" is unknown: it must be the name or address of a configured target'],
    ['?collect[]=all', 'collect[]="all" is unknown: it must be exporter or targets'],
  ])('/metrics%s is refused with what would be right', async (query, message) => {
    await using app = await exporter(`groups:\n${group('a', ['127.0.0.1:9'])}`);
    expect(await app.get(`/metrics${query}`)).toMatchObject({ status: 400, body: `${message}\n` });
  });
});

describe('formats', () => {
  const yaml = `groups:\n${group('all', ['127.0.0.1:9'])}`;
  const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
  const OPEN = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

  test.each([
    ['no header', undefined, TEXT],
    ['anything', '*/*', TEXT],
    [
      'Prometheus 2.42',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      OPEN,
    ],
    ['text preferred', 'application/openmetrics-text;q=0.3,text/plain;q=0.5', TEXT],
    ['OpenMetrics refused', 'application/openmetrics-text;q=0', TEXT],
    ['an unknown version', 'application/openmetrics-text;version=7.0.0', TEXT],
    ['nonsense', ';;;,=;q=x', TEXT],
  ])('%s', async (_, accept, type) => {
    await using app = await exporter(yaml);
    const { headers, body } = await app.get('/metrics', accept === undefined ? {} : { accept });
    expect(headers.get('content-type')).toBe(type);
    expect(body.endsWith('# EOF\n')).toBe(type === OPEN);
    expect(
      body.includes(type === OPEN ? '# TYPE probe_state_changes counter' : '# TYPE probe_state_changes_total counter'),
    ).toBe(true);
  });

  test.each([
    ['gzip', 'gzip'],
    ['deflate, gzip;q=0.5', 'gzip'],
    ['gzip;q=0', null],
    ['identity', null],
  ])('Accept-Encoding: %s is answered with %s', async (encoding, answered) => {
    await using app = await exporter(yaml);
    const { headers, body } = await app.get('/metrics', { 'accept-encoding': encoding });
    expect(headers.get('content-encoding')).toBe(answered);
    expect(body).toContain('probe_success{');
  });
});

describe('the scrape answers in time', () => {
  test('a target that never answers is timeout before the scraper gives up', async () => {
    await using hole = await blackHole();
    await using app = await exporter(
      `defaults: { timeout: 30s }\ngroups:\n- name: a\n  targets: ["127.0.0.1:${hole.port}"]\n`,
      {
        timeoutOffsetMs: 200,
      },
    );
    const began = performance.now();
    const { body } = await app.get('/metrics', { 'x-prometheus-scrape-timeout-seconds': '0.6' });
    expect(performance.now() - began).toBeLessThan(600);
    expect(lines(body, 'probe_failure_info')[0]).toContain('reason="timeout",phase="connect"');
    expect(lines(body, 'port_exporter_scrape_deadline_exceeded_total')).toEqual([
      'port_exporter_scrape_deadline_exceeded_total 1',
    ]);
  });

  test.each(['-1', 'NaN', '0', '', 'ten', 'Infinity', '1,2'])('a scrape timeout of %j is refused', async (value) => {
    await using app = await exporter(`groups:\n${group('a', ['127.0.0.1:9'])}`);
    const { status, body } = await app.get('/metrics', { 'x-prometheus-scrape-timeout-seconds': value });
    expect(status).toBe(400);
    expect(body).toBe('X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds above 0, such as 10\n');
  });

  test.each(['1e9', '0.1', '10', '1.5e1'])('a scrape timeout of %s is taken', async (value) => {
    await using listener = await peer();
    await using app = await exporter(`groups:\n${group('a', [listener.address])}`);
    const { status, body } = await app.get('/metrics', { 'x-prometheus-scrape-timeout-seconds': value });
    expect(status).toBe(200);
    expect(lines(body, 'probe_success')[0]?.endsWith(' 1')).toBe(true);
  });
});

test('two scrapes at the same moment share the probes in flight', async () => {
  await using listener = await peer();
  await using hole = await blackHole();
  await using app = await exporter(`groups:\n${group('a', [listener.address, `127.0.0.1:${hole.port}`])}`);
  await Promise.all(Array.from({ length: 5 }, () => app.get(`/metrics?target=127.0.0.1:${hole.port}`)));
  expect(app.services.fleet.stats.results).toEqual({ success: 0, failure: 1, exporter_error: 0 });
});

test('the location of the exporter is on every series of a target, and on none that Prometheus labels itself', async () => {
  await using listener = await peer();
  await using app = await exporter(`groups:\n${group('all', [listener.address])}`, { location: 'zurich' });
  const { body } = await app.get('/metrics');
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const ofTargets = samples.filter((line) => line.startsWith('probe_'));
  expect(ofTargets.length).toBeGreaterThan(5);
  expect(ofTargets.filter((line) => !line.includes('location="zurich"'))).toEqual([]);
  expect(samples.filter((line) => !line.startsWith('probe_') && line.includes('location='))).toEqual([]);
  // Service discovery gives it to the scrape: a second one would become exported_location.
  const probe = await app.get(`/probe?target=${listener.address}`);
  expect(probe.body).not.toContain('location=');
});
