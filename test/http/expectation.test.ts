import { expect, test } from 'vitest';
import { exporter } from '../helpers/exporter.ts';
import { closedPort, peer } from '../helpers/peers.ts';

/** An exporter with a port that should be closed and is, and one that is not. */
async function setUp() {
  const open = await peer();
  const shut = await closedPort();
  const yaml = `groups:
  - name: outside
    expect: closed
    targets:
      - { name: admin, address: "${open.address}" }
      - { name: db, address: "127.0.0.1:${shut}" }
      - { name: web, address: "${open.address}", expect: open }
probe: { allow: [any] }
`;
  const app = await exporter(yaml);
  return {
    app,
    open,
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await open[Symbol.asyncDispose]();
    },
  };
}

/** The lines of a family for a target, without the labels. */
function samples(body: string, name: string): string[] {
  return body
    .split('\n')
    .filter((line) => line.includes(`name="${name}"`))
    .map((line) => line.replace(/\{.*\}/, ''));
}

test('/metrics says for each port whether it is as expected, and which ones should be closed', async () => {
  await using site = await setUp();
  const { body } = await site.app.get('/metrics?collect[]=targets');
  expect(samples(body, 'admin')).toEqual(
    expect.arrayContaining(['probe_success 0', 'probe_expect_closed 1', 'probe_consecutive_failures 1']),
  );
  expect(body).toMatch(/probe_failure_info\{.*name="admin".*reason="unexpectedly_open",phase="connect"\} 1/);
  expect(body).toMatch(/probe_tcp_duration_seconds\{.*name="admin".*phase="connect"\}/);
  expect(samples(body, 'db')).toEqual(
    expect.arrayContaining(['probe_success 1', 'probe_expect_closed 1', 'probe_consecutive_failures 0']),
  );
  expect(body).not.toMatch(/probe_(?:tcp_duration_seconds|failure_info)\{.*name="db"/);
  expect(samples(body, 'web')).toEqual(expect.arrayContaining(['probe_success 1']));
  expect(samples(body, 'web').join('\n')).not.toContain('probe_expect_closed');
});

test('/probe of the target expects the same, and of its address with a module what modules do', async () => {
  await using site = await setUp();
  const named = await site.app.get('/probe?target=admin');
  expect(named.body).toMatch(/^probe_success 0$/m);
  expect(named.body).toMatch(/^probe_expect_closed 1$/m);
  const module = await site.app.get(`/probe?target=${site.open.address}&module=tcp_connect`);
  expect(module.body).toMatch(/^probe_success 1$/m);
  expect(module.body).not.toContain('probe_expect_closed');
});

test('the trace and the status page say what was expected, and what was found', async () => {
  await using site = await setUp();
  const open = await site.app.get('/probe?target=admin&debug=true');
  expect(open.body).toContain('\ncheck: connect, which should fail; budget');
  expect(open.body).toMatch(/\nconnect: ok in .*\nresult: unexpectedly_open in phase connect after /s);
  expect(open.body).toContain(`\ndetail: "${site.open.address} accepts connections"\n`);
  const shut = await site.app.get('/probe?target=db&debug=true');
  expect(shut.body).toMatch(/\nresult: closed, as it should be \(connection_refused\) in /);
  const { body } = await site.app.get('/');
  expect(body).toContain('1 down, 1 up of 3');
  expect(body).toContain('<strong>unexpectedly_open</strong> in phase connect, 1 in a row');
  expect(body).toContain('closed, as it should be (connection_refused)');
});
