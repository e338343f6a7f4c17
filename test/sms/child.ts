import { join } from 'node:path';
import { exporterCommand } from '../helpers/e2e-exporter.ts';
import type { Program } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { ANNA, BEN, TOKEN } from './setup.ts';
import type { StandIn } from './stand-in.ts';

export type ChildBridge = { readonly program: Program; readonly address: string; readonly url: string };

/** The bridge as a program of its own, over Twilio's protocol to a stand-in, with its state in the directory of the test. */
export async function startBridge(
  stage: Stage,
  provider: StandIn,
  listen = '127.0.0.1:0',
  flags: readonly string[] = [],
): Promise<ChildBridge> {
  stage.write('token', `${TOKEN}\n`);
  stage.write('twilio', 'twilio-token\n');
  const config = {
    bearer_token_file: 'token',
    recipients: [ANNA, BEN],
    provider: { twilio: { account_sid: 'AC123', auth_token_file: 'twilio', from: 'Ports', url: provider.url } },
    state_file: 'state.json',
    max_concurrency: 1,
  };
  const file = stage.write('sms.yml', JSON.stringify(config, undefined, 2));
  const program = stage.start(
    exporterCommand('sms', `--config.file=${file}`, `--web.listen-address=${listen}`, ...flags),
  );
  const [, address = ''] = await program.said(/msg=listening address=(\S+)/);
  return { program, address, url: `http://${address}` };
}

export function stateFile(stage: Stage): string {
  return join(stage.directory, 'state.json');
}

/** Alertmanager that sends every alert at once to a bridge. */
export function alertmanagerConfig(stage: Stage, { url }: ChildBridge): string {
  const authorization = { credentials_file: join(stage.directory, 'token') };
  const webhook = { url: `${url}/alertmanager`, send_resolved: true, max_alerts: 100, http_config: { authorization } };
  return JSON.stringify({
    route: {
      receiver: 'sms',
      group_by: ['alertname'],
      group_wait: '100ms',
      group_interval: '1s',
      repeat_interval: '4h',
    },
    receivers: [{ name: 'sms', webhook_configs: [webhook] }],
  });
}
