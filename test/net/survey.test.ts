import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatEndpoint } from '../../src/core/endpoint.ts';
import { systemClock } from '../../src/net/clock.ts';
import { placesOf } from '../../src/net/listeners.ts';
import { listeningSockets } from '../../src/net/listening-sockets.ts';
import { Pace } from '../../src/net/pace.ts';
import { socketOwners } from '../../src/net/socket-owners.ts';
import { machineAddresses, withProcesses } from '../../src/net/survey.ts';
import { fakeProc, socketLine } from '../helpers/fake-proc.ts';
import { peer } from '../helpers/peers.ts';
import { slowClock, turnsDuring } from '../helpers/turns.ts';

const LOOPBACK = '0100007F';
const ANY6 = '00000000000000000000000000000000';

function pace(budgetMs = 10_000): Pace {
  return new Pace(systemClock, budgetMs);
}

/** "127.0.0.1:22 sshd" for each place; the name is missing where it is not known. */
async function survey(proc: string, needsCommand = (_: string) => false): Promise<string[]> {
  const places = placesOf((await listeningSockets(pace(), proc)) ?? [], proc);
  const listeners = await withProcesses(places, needsCommand, pace(), proc);
  return listeners.map(({ endpoint, process: found }) =>
    [formatEndpoint(endpoint), found?.name, ...(found?.command ?? [])].filter((part) => part !== undefined).join(' '),
  );
}

describe('listeningSockets', () => {
  test('reads both tables up to the first connection: those stand behind all that listens', async () => {
    const many = Array.from({ length: 500 }, (_, i) =>
      socketLine(`${LOOPBACK}:${(4096 + i).toString(16).toUpperCase()}`, i),
    );
    const proc = fakeProc({
      tcp: [...many, socketLine(`${LOOPBACK}:0050`, 1, '01'), socketLine(`${LOOPBACK}:0051`, 2)],
      tcp6: [socketLine(`${ANY6}:0016`, 77)],
    });
    const found = await listeningSockets(pace(), proc);
    expect(found).toHaveLength(501);
    expect(found?.[499]).toMatchObject({ port: 4096 + 499, inode: '499' });
    expect(found?.[500]).toMatchObject({ address: { text: '::' }, port: 22, inode: '77' });
  });

  test.each([['garbage\n'], ['   0: XYZ:0050 00000000:0000 0A\n'], ['\n'], ['']])(
    'passes over what is no socket: %j',
    async (line) => {
      const proc = fakeProc({ tcp: [line, socketLine(`${LOOPBACK}:0016`, 5)] });
      expect(await listeningSockets(pace(), proc)).toHaveLength(1);
    },
  );

  test('stops when its time is over', async () => {
    const proc = fakeProc({ tcp: [socketLine(`${LOOPBACK}:0016`, 5)] });
    expect(await listeningSockets(pace(0), proc)).toEqual([]);
  });

  test('does not know where there is no such table', async () => {
    expect(await listeningSockets(pace(), '/nowhere')).toBeUndefined();
  });
});

describe('the process behind a socket', () => {
  test('is found by the number of the socket among its open files', async () => {
    const proc = fakeProc({
      tcp: [socketLine(`${LOOPBACK}:0016`, 11), socketLine(`${LOOPBACK}:1538`, 12), socketLine(`${LOOPBACK}:0017`, 13)],
      processes: {
        40: { name: 'sshd', files: ['/dev/null', 'socket:[11]', 'pipe:[12]'] },
        41: { name: 'postgres', files: ['anon_inode:[eventpoll]', 'socket:[12]'] },
      },
    });
    expect(await survey(proc)).toEqual(['127.0.0.1:22 sshd', '127.0.0.1:23', '127.0.0.1:5432 postgres']);
  });

  test('is the eldest that has it open, and process 1 only where nobody else has', async () => {
    const proc = fakeProc({
      tcp: [socketLine(`${LOOPBACK}:0016`, 11), socketLine(`${LOOPBACK}:0050`, 12), socketLine(`${LOOPBACK}:006F`, 13)],
      processes: {
        1: { name: 'systemd', files: ['socket:[11]', 'socket:[13]'] },
        200: { name: 'sshd', files: ['socket:[11]'] },
        9: { name: 'nginx', files: ['socket:[12]'] },
        100: { name: 'worker', files: ['socket:[12]'] },
      },
    });
    expect(await survey(proc)).toEqual(['127.0.0.1:22 sshd', '127.0.0.1:80 nginx', '127.0.0.1:111 systemd']);
  });

  test('has its command line where that is asked for, and only there', async () => {
    const command = ['/usr/bin/java', '-cp', 'x'.repeat(20_000), 'kafka.Kafka', 'server.properties'];
    const proc = fakeProc({
      tcp: [socketLine(`${LOOPBACK}:0016`, 11), socketLine(`${LOOPBACK}:0017`, 12)],
      processes: {
        40: { name: 'java', command, files: ['socket:[11]'] },
        41: { name: 'redis-server', command: ['redis-server', '--requirepass', 'secret'], files: ['socket:[12]'] },
      },
    });
    expect(await survey(proc, (name) => name === 'java')).toEqual([
      `127.0.0.1:22 java ${command.join(' ')}`,
      '127.0.0.1:23 redis-server',
    ]);
  });

  test('is unknown where the process ends while it is looked at, or shows nothing', async () => {
    const proc = fakeProc({
      tcp: [socketLine(`${LOOPBACK}:0016`, 11), socketLine(`${LOOPBACK}:0017`, 12), socketLine(`${LOOPBACK}:0018`, 0)],
      processes: { 40: { files: ['socket:[11]'] }, 41: { files: ['socket:[12]'] } },
    });
    rmSync(join(proc, '40', 'comm'));
    rmSync(join(proc, '41', 'fd'), { recursive: true });
    writeFileSync(join(proc, '41', 'fd'), 'no directory');
    mkdirSync(join(proc, '42'));
    writeFileSync(join(proc, 'self'), '');
    expect(await survey(proc)).toEqual(['127.0.0.1:22', '127.0.0.1:23', '127.0.0.1:24']);
  });

  test('is unknown when the time is over, and nothing is made up', async () => {
    const proc = fakeProc({ processes: { 40: { files: ['socket:[11]'] } } });
    expect(await socketOwners(['11'], pace(0), proc)).toEqual(new Map());
    expect(await socketOwners(['11', ''], pace(), '/nowhere')).toEqual(new Map());
  });

  test('is looked for in pieces: other work goes on between them', async () => {
    const files = Array.from({ length: 30 }, (_, i) => `socket:[${1000 + i}]`);
    const processes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i + 2, { files }]));
    const proc = fakeProc({ processes });
    const turns = await turnsDuring(async () => {
      expect(await socketOwners(['7'], new Pace(slowClock(0.5), 1e9), proc)).toEqual(new Map());
    });
    expect(turns).toBeGreaterThan(50);
  });

  test.runIf(process.platform === 'linux')('is this one for a server of its own', async () => {
    await using server = await peer();
    const places = placesOf((await listeningSockets(pace())) ?? []).filter(
      ({ endpoint }) => endpoint.port === server.port,
    );
    const [listener] = await withProcesses(places, () => true, pace());
    expect(listener?.process?.pid).toBe(process.pid);
    expect(listener?.process?.command[0]).toContain('node');
  });
});

describe('Pace', () => {
  test('gives up what is not known in time, and takes a failure for nothing', async () => {
    expect(await pace(20).within(new Promise(() => undefined))).toBeUndefined();
    expect(await pace().within(Promise.reject(new Error('no')))).toBeUndefined();
    expect(await pace().within(Promise.resolve(5))).toBe(5);
  });
});

test('loopback is among the addresses of this machine', () => {
  expect(machineAddresses().map(({ text }) => text)).toContain('127.0.0.1');
});
