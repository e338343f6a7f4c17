import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pattern } from '../../src/checks/dialogue-pattern.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { systemClock } from '../../src/net/clock.ts';
import { Dialer } from '../../src/net/dialer.ts';
import type { World } from '../../src/probe/world.ts';
import { visit } from '../helpers/checks.ts';
import { probeWith } from '../helpers/modules.ts';
import { peer } from '../helpers/peers.ts';
import { type Page, webServer } from '../helpers/web-server.ts';
import { testWorld } from '../helpers/world.ts';

/** How long the loop is busy, ms: more than a probe on loopback takes on any machine, less than its timeout. */
const BUSY_MS = 1000;

let busyMs = 0;
const clock = { ...systemClock, now: () => systemClock.now() + busyMs };

function beBusy(): void {
  busyMs += BUSY_MS;
}

/** A world whose loop is busy whenever `beBusy` says so. */
function strange(): World {
  return testWorld({ clock, dialer: new Dialer(clock) });
}

function probe(written: unknown, port: number): Promise<ProbeResult> {
  return probeWith(written, port, { timeoutMs: 10_000, world: strange() });
}

function took({ phases, samples = [] }: ProbeResult): readonly number[] {
  const told = samples.filter(({ name }) => name.endsWith('duration_seconds')).map(({ value }) => value * 1000);
  return [phases.handshake ?? Number.NaN, ...told];
}

const { isIn, find } = Pattern.prototype;

beforeEach(() => {
  vi.spyOn(Pattern.prototype, 'isIn').mockImplementation(function (this: Pattern, text, work) {
    beBusy();
    return isIn.call(this, text, work);
  });
  vi.spyOn(Pattern.prototype, 'find').mockImplementation(function (this: Pattern, line) {
    beBusy();
    return find.call(this, line);
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A reply with one record, to whatever was asked. */
function replyTo(query: Buffer): Buffer {
  const reply = Buffer.concat([query.subarray(2), Buffer.from('c00c000100010000003c0004c0000201', 'hex')]);
  reply.writeUInt16BE(0x8400, 2);
  reply.writeUInt16BE(1, 6);
  return Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 255), reply]);
}

const HEADER = { header: 'X-A', regexp: 'b' };
const DNS = { transport_protocol: 'tcp', query_name: 'example.org', query_type: 'A' };

describe('judging is not the time of the target', () => {
  test.each([
    ['the body', 'HTTP/1.1 200 OK\r\nX-A: b\r\n\r\n', 'hello', { fail_if_body_not_matches_regexp: ['hello'] }],
    [
      'the head',
      'HTTP/1.1 200 OK\r\n',
      'X-A: b\r\nContent-Length: 5\r\n\r\nhello',
      { fail_if_header_not_matches: [HEADER] },
    ],
  ])('%s of an answer', async (_, first, rest, http) => {
    await using server = await peer((socket) => {
      socket.once('data', () => {
        socket.write(first);
        // Apart, so that it is not the first byte that tells when all came.
        setTimeout(() => socket.end(rest), 20);
      });
    });
    const result = await probe({ prober: 'http', http }, server.port);
    expect(result.failure).toBeUndefined();
    expect(Math.max(...took(result))).toBeLessThan(BUSY_MS);
  });

  test('the records of a reply', async () => {
    await using server = await peer((socket) => {
      socket.once('data', (query) => void socket.write(replyTo(query)));
    });
    const rules = { fail_if_matches_regexp: ['Q'] };
    const result = await probe({ prober: 'dns', dns: { ...DNS, validate_answer_rrs: rules } }, server.port);
    expect(result.failure).toBeUndefined();
    expect(Math.max(...took(result))).toBeLessThan(BUSY_MS);
  });

  test.each([
    ['with its end', (line: string) => `${line}\n`],
    ['before the peer hangs up', (line: string) => line],
  ])('a line %s', async (_, lineOf) => {
    await using server = await peer((socket) => void socket.end(lineOf('220 ready')));
    const result = await probe({ prober: 'tcp', tcp: { query_response: [{ expect: '^220 ready$' }] } }, server.port);
    expect(result.failure).toBeUndefined();
    expect(Math.max(...took(result))).toBeLessThan(BUSY_MS);
  });
});

describe('who is beside a busy neighbour', () => {
  test.each(['/there', '/'])('is not too slow for that, asked for %s', async (path) => {
    const world = strange();
    // The answer is out, and then that of a neighbour is judged, so long that the dialer looks at the time, too.
    const beside: Page = ({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: '/there' }).end();
      else response.end('hello');
      world.dialer.pacer.arrival();
      beBusy();
      for (const until = systemClock.now() + 10; systemClock.now() < until; );
    };
    await using server = await webServer({ '/': beside, '/there': beside });
    const options = { max_response_time: `${BUSY_MS / 2}ms` };
    const result = await visit(server.url + path, { options, timeoutMs: 10_000 }, world);
    expect(result.failure).toBeUndefined();
    expect(result.latencyErrorMs).toBeGreaterThanOrEqual(BUSY_MS);
  });
});
