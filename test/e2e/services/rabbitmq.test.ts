import { setTimeout } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { Authorities } from '../../../src/net/authorities.ts';
import { systemClock } from '../../../src/net/clock.ts';
import { Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { needs } from '../../helpers/programs.ts';
import { type Rabbitmq, startRabbitmq } from '../../helpers/servers/rabbitmq.ts';
import { testWorld } from '../../helpers/world.ts';

const VERSION = /^RabbitMQ \d+\.\d+\.\d+/;
const PROBES = 300;
const PAUSE_MS = 300;

/** The new lines of its log, also those that were still on their way: once there was a pause. */
async function settledLines({ newLines }: Rabbitmq): Promise<readonly string[]> {
  const lines = [...newLines()];
  const settled = async () => {
    await setTimeout(PAUSE_MS);
    const more = newLines();
    lines.push(...more);
    expect(more).toEqual([]);
  };
  await vi.waitFor(settled, { timeout: 5000 });
  return lines;
}

async function start(stage: Stage) {
  const authority = await createAuthority(stage, 'known');
  const rabbitmq = await startRabbitmq(stage, await authority.issue('localhost'));
  const authorities = new Authorities(systemClock, { SSL_CERT_FILE: authority.file });
  return { rabbitmq, authorities };
}

needs('rabbitmq-server', 'openssl')('a RabbitMQ is up, and its log hardly notices', async (stage) => {
  const { rabbitmq, authorities } = await start(stage);
  const { address, secureAddress } = rabbitmq;
  const secure = { service: 'amqps', tls: { serverName: 'localhost' } };
  await settledLines(rabbitmq);

  // A plain connect leaves nothing.
  expect(await new Visitor(address, {}).probes(PROBES)).toEqual({ up: PROBES });
  expect(await settledLines(rabbitmq)).toEqual([]);

  // Whoever asks for the greeting and leaves is worth three lines: accepted, and a warning of two lines.
  const first = await visit(address, { service: 'amqp', options: { depth: 'greeting' } });
  expect(first).toMatchObject({ service: { version: expect.stringMatching(VERSION) } });
  expect(first.failure).toBeUndefined();
  expect(await settledLines(rabbitmq)).toHaveLength(3);

  // So it is asked once, then only hung up on.
  const visitor = new Visitor(address, { service: 'amqp' });
  expect(await visitor.probes(PROBES)).toEqual({ up: PROBES });
  expect((await visitor.probe()).service?.version).toMatch(VERSION);
  expect(await settledLines(rabbitmq)).toHaveLength(3);

  const quiet = new Visitor(address, { service: 'amqp', options: { depth: 'quiet' } });
  expect(await quiet.probes(10)).toEqual({ up: 10 });
  expect(await settledLines(rabbitmq)).toEqual([]);

  const quietSecure = new Visitor(
    secureAddress,
    { ...secure, options: { depth: 'quiet' } },
    testWorld({ authorities }),
  );
  expect(await quietSecure.probes(20)).toEqual({ up: 20 });
  expect(await settledLines(rabbitmq)).toEqual([]);

  const greeted = await new Visitor(secureAddress, secure, testWorld({ authorities })).probe();
  expect(greeted).toMatchObject({ service: { version: expect.stringMatching(VERSION) }, tls: { version: 'TLS 1.3' } });
  expect(greeted.failure).toBeUndefined();
  expect(await settledLines(rabbitmq)).toHaveLength(3);

  // Nobody here vouches for its authority.
  const foreign = await new Visitor(secureAddress, secure, testWorld()).probe();
  expect(foreign.failure).toMatchObject({ reason: 'tls_certificate_untrusted', phase: 'tls' });
  expect(await settledLines(rabbitmq)).toEqual([]);

  // One that hangs is found out however it is asked: by those who ask and by those who only hang up.
  rabbitmq.signal('SIGSTOP');
  const late = { reason: 'timeout', phase: 'handshake' };
  try {
    // All of its threads are stopped a moment after the signal.
    await vi.waitFor(async () => {
      const asked = await visit(address, { service: 'amqp', timeoutMs: 500 });
      expect(asked.failure).toMatchObject(late);
    }, 5000);
    const hungUpOn = await visit(address, { service: 'amqp', timeoutMs: 500, options: { depth: 'quiet' } });
    expect(hungUpOn.failure).toMatchObject(late);
  } finally {
    rabbitmq.signal('SIGCONT');
  }
});
