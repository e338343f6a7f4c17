import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seconds } from './format.ts';
import { machine } from './machine.ts';
import { type Running, start, waitFor } from './processes.ts';
import { maximum, quantile } from './statistics.ts';

/**
 * How long it takes from the death of a service to the request that sends the SMS, with the shipped rules and the shipped
 * alertmanager.yml: each sample is a chain of its own (redis-server, exporter, Prometheus, Alertmanager, bridge, stand-in of Twilio).
 * All of them run at once; their services die at times that are spread over a probe interval.
 */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXPORTER = join(ROOT, 'dist/cli/main.js');
const LONGEST_MS = 300_000;

/** Where the time went, in seconds. */
type Sample = {
  readonly probe: number;
  readonly secondProbe: number;
  readonly rule: number;
  readonly groupWait: number;
  readonly delivery: number;
};

type Chain = {
  readonly redis: Running;
  readonly prometheus: string;
  /** When the SMS was asked for, ms since 1970; undefined until then. */
  readonly askedAt: () => number | undefined;
};

const { values } = parseArgs({
  options: { samples: { type: 'string', default: '10' }, interval: { type: 'string', default: '30' } },
});
await main(Number(values.samples), Number(values.interval));
process.exit();

async function main(count: number, interval: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'port-exporter-alerting-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  const facts = await machine(new URL(`file://${ROOT}`));
  const chains: Chain[] = [];
  for (let i = 0; i < count; i++) chains.push(await startChain(join(directory, String(i)), interval));
  say(`${count} chains run`);
  const samples = await Promise.all(
    chains.map(async (chain, i) => {
      await isUp(chain);
      await sleep((interval * 1000 * (i + Math.random())) / count);
      const sample = await measure(chain);
      say(`sample ${i + 1}: ${seconds(total(sample))}`);
      return sample;
    }),
  );
  process.stdout.write(report(facts, samples, interval));
}

async function startChain(directory: string, interval: number): Promise<Chain> {
  await mkdir(directory);
  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(directory, name), text);
    return join(directory, name);
  };
  const port = await freePort();
  const redis = start('redis-server', [
    '--bind',
    '127.0.0.1',
    '--port',
    String(port),
    '--save',
    '',
    '--dir',
    directory,
  ]);
  await waitFor('redis-server', redis, async () => redis.output().includes('Ready to accept connections'));
  const target = {
    name: 'sessions',
    address: `127.0.0.1:${port}`,
    interval: `${interval}s`,
    timeout: '5s',
    failures: 2,
  };
  const exporterConfig = await write(
    'exporter.yml',
    JSON.stringify({ groups: [{ name: 'caches', targets: [target] }] }),
  );
  const exporter = await startNode([], exporterConfig);
  const twilio = await startStandIn(201);
  const slack = await startStandIn(200);
  const token = await write('token', 'a long random text');
  const provider = { account_sid: 'AC1', auth_token_file: token, from: '+15550199', url: twilio.url };
  const smsConfig = { bearer_token_file: token, recipients: ['+15550100'], provider: { twilio: provider } };
  const bridge = await startNode(['sms'], await write('sms.yml', JSON.stringify(smsConfig)));
  const alertmanagerConfig = (await readFile(join(ROOT, 'alerts/alertmanager.yml'), 'utf8'))
    .replace('/etc/alertmanager/secrets/slack_url', await write('slack_url', slack.url))
    .replace('http://127.0.0.1:9716', `http://${bridge}`)
    .replace('/etc/alertmanager/secrets/sms_token', token)
    .replace('templates/*.tmpl', join(ROOT, 'alerts/templates/*.tmpl'));
  const alertmanager = await startServer('prometheus-alertmanager', [
    `--config.file=${await write('alertmanager.yml', alertmanagerConfig)}`,
    `--storage.path=${join(directory, 'alertmanager')}`,
    '--web.listen-address=127.0.0.1:0',
    '--cluster.listen-address=',
  ]);
  const prometheus = await startServer('prometheus', [
    `--config.file=${await write('prometheus.yml', await prometheusConfig(exporter, alertmanager))}`,
    `--storage.tsdb.path=${join(directory, 'prometheus')}`,
    '--web.listen-address=127.0.0.1:0',
  ]);
  return { redis, prometheus, askedAt: twilio.askedAt };
}

async function startNode(command: readonly string[], config: string): Promise<string> {
  const flags = [`--config.file=${config}`, '--web.listen-address=127.0.0.1:0'];
  return startServer(process.execPath, [EXPORTER, ...command, ...flags]);
}

/** Starts a program that says where it listens. */
async function startServer(command: string, args: readonly string[]): Promise<string> {
  const running = start(command, args);
  const address = () => /msg="?listening(?: on)?"? address=(\S+)/i.exec(running.output())?.[1];
  await waitFor(command, running, async () => address() !== undefined);
  return address() ?? '';
}

async function prometheusConfig(exporter: string, alertmanager: string): Promise<string> {
  const rules = (await readdir(join(ROOT, 'alerts'))).filter((name) => name.endsWith('.rules.yml'));
  return JSON.stringify({
    global: { scrape_interval: '15s', evaluation_interval: '15s' },
    rule_files: rules.map((name) => join(ROOT, 'alerts', name)),
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [{ job_name: 'port_exporter', http_sd_configs: [{ url: `http://${exporter}/sd` }] }],
  });
}

async function startStandIn(
  status: number,
): Promise<{ readonly url: string; readonly askedAt: () => number | undefined }> {
  let at: number | undefined;
  const server = createServer((request, response) => {
    at ??= Date.now();
    request.resume().on('end', () => response.writeHead(status).end('{"sid":"SM1"}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, askedAt: () => at };
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isUp({ prometheus, redis }: Chain): Promise<void> {
  const deadline = Date.now() + LONGEST_MS;
  while ((await samplesOf(prometheus, 'probe_success')).every(([, value]) => value !== 1)) {
    if (Date.now() > deadline) throw new Error(`the target does not come up: ${redis.output()}`);
    await sleep(200);
  }
}

/** Kills the service and follows what comes of it. */
async function measure({ redis, prometheus, askedAt }: Chain): Promise<Sample> {
  await redis.stop('SIGKILL');
  const died = Date.now();
  while (askedAt() === undefined && Date.now() < died + LONGEST_MS) await sleep(50);
  const asked = askedAt();
  if (asked === undefined) throw new Error(`no SMS within ${LONGEST_MS / 1000} seconds`);
  const failures = await samplesOf(prometheus, 'probe_consecutive_failures');
  const first = reached(failures, 1);
  const second = reached(failures, 2);
  const fired = reached(await samplesOf(prometheus, 'ALERTS{alertname="PortDown",alertstate="firing"}'), 1);
  return {
    probe: first - died / 1000,
    secondProbe: second - first,
    rule: fired - second,
    groupWait: 10,
    delivery: asked / 1000 - fired - 10,
  };
}

type Point = readonly [time: number, value: number];

/** The samples that Prometheus has of one series, with the times it gave them. */
async function samplesOf(prometheus: string, selector: string): Promise<readonly Point[]> {
  const response = await fetch(`http://${prometheus}/api/v1/query?query=${encodeURIComponent(`${selector}[15m]`)}`);
  const { data } = (await response.json()) as { data: { result: readonly { values: readonly [number, string][] }[] } };
  return (data.result[0]?.values ?? []).map(([time, value]) => [time, Number(value)]);
}

function reached(points: readonly Point[], value: number): number {
  const point = points.find(([, is]) => is >= value);
  if (point === undefined) throw new Error(`nothing reached ${value}`);
  return point[0];
}

function total({ probe, secondProbe, rule, groupWait, delivery }: Sample): number {
  return probe + secondProbe + rule + groupWait + delivery;
}

function report(facts: readonly string[][], samples: readonly Sample[], interval: number): string {
  const parts: readonly [string, (sample: Sample) => number][] = [
    ['from the death to the first failed check', ({ probe }) => probe],
    ['to the second one', ({ secondProbe }) => secondProbe],
    ['to the evaluation of the rules (every 15 s)', ({ rule }) => rule],
    ['group_wait', ({ groupWait }) => groupWait],
    ['sending: Prometheus, Alertmanager, bridge', ({ delivery }) => delivery],
    ['**all of it**', total],
  ];
  const rows = parts.map(([what, part]) => {
    const times = samples.map(part);
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    return `| ${[what, ...[Math.min(...times), mean, quantile(times, 0.5), maximum(times)].map(seconds)].join(' | ')} |`;
  });
  return [
    ...facts.map(([what, value]) => `- ${what}: ${value}`),
    `- ${samples.length} samples, interval ${interval} s, 2 failures`,
    '',
    '| contribution | least | mean | median | most |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
