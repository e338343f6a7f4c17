import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { exporterCommand } from '../helpers/e2e-exporter.ts';
import { needs } from '../helpers/programs.ts';
import { startBridge, stateFile } from './child.ts';
import { body, notification, ORDERS } from './notifications.ts';
import { ANNA, ask, TOKEN } from './setup.ts';
import { standIn, TAKEN } from './stand-in.ts';

const HEADERS = { authorization: `Bearer ${TOKEN}` };

needs()(
  'what the provider was asked at SIGTERM is finished and remembered, and nothing more is asked; then the bridge ends with 0',
  async (stage) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const provider = stage.keep(
      await standIn(async () => {
        await released;
        return TAKEN;
      }),
    );
    const bridge = await startBridge(stage, provider);
    const asked = ask(`${bridge.url}/alertmanager`, {
      method: 'POST',
      headers: HEADERS,
      body: body(notification([ORDERS])),
    });
    await vi.waitFor(() => expect(provider.received).toHaveLength(1));

    bridge.program.signal('SIGTERM');

    await bridge.program.said(/msg="stopping/);
    await expect(ask(`${bridge.url}/-/healthy`)).rejects.toThrow('ECONNREFUSED');
    release();
    expect(await asked).toMatchObject({ status: 503, body: '1 of 2 have the SMS: paused\n' });
    expect(await bridge.program.exit()).toBe(0);
    const [saved] = JSON.parse(readFileSync(stateFile(stage), 'utf8')).notifications;
    expect(Object.keys(saved.served)).toEqual([ANNA]);
    expect(provider.taken()).toEqual({ [ANNA]: 1 });
    expect(bridge.program.stderr).not.toMatch(/hush-hush|twilio-token|4915/);
  },
);

needs()('an address that is in use is said, with exit code 1', async (stage) => {
  const { address } = await startBridge(stage, stage.keep(await standIn(() => TAKEN)));
  const file = join(stage.directory, 'sms.yml');
  const program = stage.start(exporterCommand('sms', `--config.file=${file}`, `--web.listen-address=${address}`));
  expect(await program.exit()).toBe(1);
  expect(program.stderr).toMatch(/msg="cannot listen" address=\S+ error=.*EADDRINUSE/);
});

needs()('SIGHUP leaves the bridge as it is, and is told that it changes nothing', async (stage) => {
  const provider = stage.keep(await standIn(() => TAKEN));
  const bridge = await startBridge(stage, provider);
  bridge.program.signal('SIGHUP');
  await bridge.program.said(/level=warn msg="SIGHUP changes nothing/);
  const posted = { method: 'POST', headers: HEADERS, body: body(notification([ORDERS])) };
  expect(await ask(`${bridge.url}/alertmanager`, posted)).toMatchObject({ status: 200 });
});
