import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, vi } from 'vitest';
import { createAuthority } from '../helpers/e2e-certificates.ts';
import type { Exporter } from '../helpers/e2e-exporter.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { login, portOf, startGuarded, USER } from '../helpers/e2e-web.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';
import { ask } from '../helpers/tls-client.ts';

const USERS = { basic_auth_users: { [USER.name]: USER.hash } };
const FLOOD_MS = 3000;
const PER_SECOND = 1000;
const SCRAPE = { ...login(USER.password), 'X-Prometheus-Scrape-Timeout-Seconds': '10' };

needs()('a thousand wrong passwords a second do not stop scrapes with the right one', async (stage) => {
  const target = stage.keep(await peer());
  const exporter = await startGuarded(stage, USERS, { config: watch(target.address) });
  // Known from here on.
  expect((await exporter.get('/metrics', { headers: SCRAPE })).status).toBe(200);

  const cpuBefore = mainThreadMs(exporter.program.pid);
  const flood = wrongPasswords(stage, exporter);
  const scrapes: { readonly seconds: number }[] = [];
  while (!flood.isOver()) {
    const samples = await exporter.scrape('/metrics', { headers: SCRAPE });
    expect(samples.value('probe_success', {})).toBe(1);
    scrapes.push(await exporter.get('/-/healthy', { headers: SCRAPE }));
  }
  const answers = await flood.answers();
  const cpuEach = (mainThreadMs(exporter.program.pid) - cpuBefore) / (answers.length + 2 * scrapes.length);

  // Comparing passwords stands back behind everything else: on a busy machine it may not come to any verdict meanwhile.
  expect([401, 503]).toEqual(expect.arrayContaining([...new Set(answers)]));
  expect(answers.length).toBeGreaterThan(500);
  expect(scrapes.length).toBeGreaterThan(0);
  for (const { seconds } of scrapes) expect(seconds).toBeLessThan(10);
  // Of the processor's time, since others may be using it too: a comparison would take a hundred times as long.
  expect(cpuEach).toBeLessThan(4);
});

/** Requests with a different wrong password each, over a hundred connections. */
function wrongPasswords(stage: Stage, { url }: Exporter) {
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  stage.onEnd(() => agent.destroy());
  const answers: (number | undefined)[] = [];
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const elapsed = performance.now() - began;
    if (elapsed > FLOOD_MS) clearInterval(timer);
    for (; sent < (elapsed / 1000) * PER_SECOND; sent++) {
      const asked = request(`${url}/metrics`, { agent, headers: login(`guess ${sent}`) }, (response) => {
        answers.push(response.statusCode);
        response.resume();
      });
      asked.on('error', () => undefined).end();
    }
  }, 5);
  return {
    isOver: () => performance.now() - began > FLOOD_MS,
    answers: async () => {
      await vi.waitFor(() => expect(Object.keys(agent.requests)).toEqual([]), { timeout: 20_000 });
      return answers;
    },
  };
}

needs('bash')('thousands of idle connections leave open files to probes and scrapes', async (stage) => {
  const target = stage.keep(await peer());
  const exporter = await startGuarded(stage, USERS, {
    config: watch(target.address),
    before: ['bash', '-c', 'ulimit -n 256; exec "$0" "$@"'],
  });
  const port = portOf(exporter);

  for (const says of ['', 'GET /metrics HTTP/1.1\r\nHost: x\r\n', 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n']) {
    await openMany(stage, port, 1000, says);
    const samples = await exporter.scrape('/metrics', { headers: SCRAPE });
    expect(samples.value('probe_success', {})).toBe(1);
    expect(openSockets(exporter.program.pid)).toBeLessThan(32 + 10);
  }
  expect(exporter.program.stderr.match(/too many connections/g)).toHaveLength(1);
});

needs('openssl', 'bash')('the same over TLS, whether clients say something or not', async (stage) => {
  const target = stage.keep(await peer());
  const authority = await createAuthority(stage, 'web');
  const { certFile, keyFile } = await authority.issue('localhost');
  const web = { ...USERS, tls_server_config: { cert_file: certFile, key_file: keyFile } };
  const exporter = await startGuarded(stage, web, {
    config: watch(target.address),
    before: ['bash', '-c', 'ulimit -n 256; exec "$0" "$@"'],
  });
  const port = portOf(exporter);

  for (const says of ['', '\x16\x03\x01\x02\x00\x01', 'nonsense']) {
    await openMany(stage, port, 1000, says);
    const answer = await ask(port, { ca: authority.pem, path: '/metrics', headers: SCRAPE });
    expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/^probe_success\{.*\} 1$/m) });
    expect(openSockets(exporter.program.pid)).toBeLessThan(32 + 10);
  }
});

/** Opens connections, a hundred at a time, that say this and then nothing more. */
async function openMany(stage: Stage, port: number, count: number, says: string): Promise<void> {
  const sockets: Socket[] = [];
  stage.onEnd(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let done = 0; done < count; done += 100) await Promise.all(Array.from({ length: 100 }, open));

  function open(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(says, () => resolve()));
      sockets.push(socket.on('error', () => resolve()).resume());
    });
  }
}

function watch(address: string): object {
  return { groups: [{ name: 'all', targets: [{ name: 'target', address }] }] };
}

function openSockets(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => isSocket(`/proc/${pid}/fd/${fd}`)).length;
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith('socket:');
  } catch {
    // Closed meanwhile.
    return false;
  }
}

/** Processor time of the thread that the event loop runs in. Source: proc(5), /proc/[pid]/stat. */
function mainThreadMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
  return ((user ?? 0) + (system ?? 0)) * 10;
}
