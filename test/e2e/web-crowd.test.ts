import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import { type Exporter, startExporter } from '../helpers/e2e-exporter.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

const METRICS = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n';
/** What the exporter itself needs with 500 targets, and what of others may wait in it. */
const MOST_MB = 350;

needs('bash')(
  'whoever asks for everything a thousand times over gets no more than a share of the memory',
  async (stage) => {
    const exporter = await startCrowded(stage, 8192, 500);

    const [pipelined] = await crowd(stage, exporter, 1, METRICS.repeat(60_000));
    await vi.waitFor(() => expect(pipelined?.destroyed).toBe(true), { timeout: 10_000 });
    const crowded = await crowd(stage, exporter, 400, METRICS);
    const answers = crowded.map(firstLine);
    expect((await fromElsewhere(exporter, '/metrics?target=open')).value('probe_success', { name: 'open' })).toBe(1);

    const counts = new Map<string, number>();
    for (const answer of await Promise.all(answers)) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    // 100,000 results of one client at once; each request counts for 40 more.
    const taken = Math.floor(100_000 / (500 + 1 + 40));
    expect(Object.fromEntries(counts)).toEqual({
      'HTTP/1.1 200 OK': taken,
      'HTTP/1.1 503 Service Unavailable': 400 - taken,
    });
    expect(highestRssMb(exporter.program.pid)).toBeLessThan(MOST_MB);
  },
);

needs('bash')('whoever has all connections answered leaves one to somebody else', async (stage) => {
  const exporter = await startCrowded(stage, 256, 1);
  await crowd(stage, exporter, 40, 'GET /probe?target=silent%200 HTTP/1.1\r\nHost: x\r\n\r\n');
  await vi.waitFor(() => expect(exporter.program.stderr).toContain('too many connections'), { timeout: 10_000 });

  for (let scrape = 0; scrape < 5; scrape++) {
    const samples = await fromElsewhere(exporter, '/probe?target=open');
    expect(samples.value('probe_success', {})).toBe(1);
  }
});

/** An exporter with so many targets that are silent for three seconds, and one that is not, with so many open files at most. */
async function startCrowded(stage: Stage, files: number, silent: number): Promise<Exporter> {
  const [open, mute] = [stage.keep(await peer()), stage.keep(await peer())];
  const targets = [
    { name: 'open', address: open.address },
    ...Array.from({ length: silent }, (_, i) => ({ name: `silent ${i}`, address: mute.address, service: 'redis' })),
  ];
  const config = { defaults: { timeout: '3s' }, groups: [{ name: 'all', targets }] };
  const before = ['bash', '-c', `ulimit -n ${files}; exec "$0" "$@"`];
  return startExporter(stage, { config, before });
}

/** So many connections that all say this. */
async function crowd(stage: Stage, { address }: Exporter, count: number, says: string): Promise<readonly Socket[]> {
  const port = Number(address.split(':')[1]);
  const open = () =>
    new Promise<Socket>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(says));
      stage.onEnd(() => socket.destroy());
      socket.on('error', () => resolve(socket)).once('connect', () => resolve(socket));
    });
  return Promise.all(Array.from({ length: count }, open));
}

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (data) => resolve(data.toString('latin1').split('\r\n')[0] ?? ''));
    socket.once('close', () => resolve('closed'));
  });
}

/** A scrape by another client. */
async function fromElsewhere({ url }: Exporter, path: string): Promise<Samples> {
  const body = await new Promise<string>((resolve, reject) => {
    const asked = request(url + path, { agent: false, localAddress: '127.0.0.9' }, (response) => {
      text(response).then(resolve, reject);
    });
    asked.on('error', reject).end();
  });
  return new Samples(body);
}

/** Source: proc(5), /proc/[pid]/status. */
function highestRssMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
