import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { http } from './e2e-http.ts';
import type { Stage } from './e2e-stage.ts';

/** An alert as Prometheus posts it. */
export type Alert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly startsAt?: Date;
  readonly endsAt?: Date;
  readonly generatorURL?: string;
};

/** An alert as Alertmanager holds it. */
type HeldAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly status: { readonly inhibitedBy: readonly string[]; readonly silencedBy: readonly string[] };
};

export type Alertmanager = {
  readonly address: string;
  readonly post: (...alerts: readonly Alert[]) => Promise<void>;
  /** The alerts it has, or those that a matcher finds. */
  readonly alerts: (matcher?: string) => Promise<readonly HeldAlert[]>;
};

/** Keys for the stand-in of SNS, and nothing that would make the AWS library ask the network for better ones. */
const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** What links in messages begin with. */
const EXTERNAL_URL = 'http://alertmanager.example.org';

/** A real Alertmanager with this configuration, for itself: it looks for no others. */
export async function startAlertmanager(stage: Stage, config: string): Promise<Alertmanager> {
  const program = stage.start(
    [
      'prometheus-alertmanager',
      `--config.file=${stage.write('alertmanager.yml', config)}`,
      `--storage.path=${join(stage.directory, 'alertmanager')}`,
      '--web.listen-address=127.0.0.1:0',
      `--web.external-url=${EXTERNAL_URL}`,
      '--cluster.listen-address=',
    ],
    { env: ENVIRONMENT },
  );
  const [, address = ''] = await program.said(/msg="Listening on" address=(\S+)/);
  const api = `http://${address}/api/v2/alerts`;
  return {
    address,
    post: async (...alerts) => {
      const { status, body } = await postJson(api, alerts);
      if (status !== 200) throw new Error(`Alertmanager answers ${status}: ${body}`);
    },
    alerts: async (matcher) => {
      const query = matcher === undefined ? '' : `?filter=${encodeURIComponent(matcher)}`;
      return JSON.parse((await http(`${api}${query}`)).body) as readonly HeldAlert[];
    },
  };
}

async function postJson(url: string, value: unknown): Promise<{ readonly status: number; readonly body: string }> {
  const asked = request(url, { method: 'POST', headers: { 'content-type': 'application/json' }, agent: false });
  asked.end(JSON.stringify(value));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}
