import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/net/clock.ts';
import { Dialer, type Dialling } from '../../src/net/dialer.ts';
import { visit } from '../helpers/checks.ts';
import { probeWith } from '../helpers/modules.ts';
import { closedPort, peer } from '../helpers/peers.ts';
import { proxy } from '../helpers/proxy.ts';
import { redirect, webServer } from '../helpers/web-server.ts';
import { testWorld } from '../helpers/world.ts';

/** How long a further connection waits for its turn, ms: more than a probe on loopback takes. */
const QUEUED_MS = 400;

/** Behind thousands of others, whenever it is not the first to be dialled. */
class BusyDialer extends Dialer {
  override dial(...order: Parameters<Dialer['dial']>): Dialling {
    this.pacer.hold(QUEUED_MS);
    return super.dial(...order);
  }
}

function busyWorld() {
  return testWorld({ dialer: new BusyDialer(systemClock) });
}

const PATIENT = { max_response_time: `${QUEUED_MS / 2}ms`, contains: 'hello' };

describe('waiting for our own turn is not the time of the target', () => {
  test('at a redirect', async () => {
    await using server = await webServer({ '/': redirect('/there'), '/there': 'hello' });
    const { failure, phases, durationMs } = await visit(`${server.url}/`, { options: PATIENT }, busyWorld());
    expect(failure).toBeUndefined();
    expect(phases.handshake).toBeLessThan(QUEUED_MS);
    expect(durationMs).toBeLessThan(QUEUED_MS);
  });

  test('before a proxy', async () => {
    await using between = await proxy();
    await using server = await webServer({ '/': 'hello' });
    const options = { ...PATIENT, proxy_url: `http://127.0.0.1:${between.port}` };
    const { failure, phases, durationMs } = await visit(`${server.url}/`, { options }, busyWorld());
    expect(failure).toBeUndefined();
    expect(phases.handshake).toBeLessThan(QUEUED_MS);
    expect(durationMs).toBeLessThan(QUEUED_MS);
  });

  test('before a server that gives tokens', async () => {
    await using server = await webServer({ '/': 'hello', '/token': '{"access_token":"T"}' });
    const oauth2 = { client_id: 'me', client_secret: 'secret', token_url: `${server.url}/token` };
    const { failure, phases } = await probeWith({ prober: 'http', http: { oauth2 } }, server.port, {
      world: busyWorld(),
    });
    expect(failure).toBeUndefined();
    expect(phases.handshake).toBeLessThan(QUEUED_MS);
  });

  test('when nobody listens there', async () => {
    await using server = await webServer({ '/': redirect(`http://127.0.0.1:${await closedPort()}/`) });
    const { failure, durationMs } = await visit(`${server.url}/`, {}, busyWorld());
    expect(failure).toMatchObject({ reason: 'connection_refused', phase: 'connect' });
    expect(durationMs).toBeLessThan(QUEUED_MS);
  });

  test('when the name that comes after it does not exist', async () => {
    await using server = await webServer({ '/': redirect('/there'), '/there': redirect('http://nowhere.test/') });
    const { failure, durationMs } = await visit(`${server.url}/`, {}, busyWorld());
    expect(failure).toMatchObject({ phase: 'resolve' });
    expect(durationMs).toBeLessThan(QUEUED_MS);
  });
});

describe('a deadline stays one, though some of the time was spent waiting', () => {
  test.each([
    ['most of it', QUEUED_MS * 1.2, 'exporter_error'],
    ['a part of it', QUEUED_MS * 2, 'timeout'],
  ])('%s', async (_, timeoutMs, reason) => {
    await using silent = await peer();
    await using server = await webServer({ '/': redirect(`http://${silent.address}/`) });
    const beganAt = systemClock.now();
    const { failure, durationMs } = await visit(`${server.url}/`, { timeoutMs }, busyWorld());
    expect(failure).toMatchObject({ reason, phase: 'handshake' });
    expect(systemClock.now() - beganAt).toBeLessThan(timeoutMs + QUEUED_MS);
    expect(durationMs).toBeLessThan(timeoutMs - QUEUED_MS / 2);
  });
});
