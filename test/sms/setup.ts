import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { createLogger } from '../../src/core/log.ts';
import { listen } from '../../src/http/server.ts';
import { createSmsApp } from '../../src/sms/app.ts';
import { Bridge } from '../../src/sms/bridge.ts';
import type { SmsConfig } from '../../src/sms/config.ts';
import type { Time } from '../../src/sms/gate.ts';
import { SmsMetrics } from '../../src/sms/metrics.ts';
import type { Notification } from '../../src/sms/notification.ts';
import { createProvider } from '../../src/sms/providers/provider.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import { body } from './notifications.ts';
import { type Received, type Reply, type StandIn, standIn } from './stand-in.ts';

export const TOKEN = 'hush-hush';
export const ANNA = '+4915112345678';
export const BEN = '+4915187654321';

/** Time that passes only when somebody waits for it, or a test says so. */
export function fakeTime(): Time & { readonly pass: (ms: number) => void; readonly waits: number[] } {
  let now = 1_800_000_000_000;
  const waits: number[] = [];
  const pass = (ms: number) => {
    now += ms;
  };
  return {
    now: () => now,
    wait: async (ms) => {
      waits.push(ms);
      pass(ms);
    },
    pass,
    waits,
  };
}

export function secretOf(value: string) {
  return { file: '/nowhere', read: () => value };
}

export type Response = { readonly status: number; readonly body: string; readonly headers: IncomingHttpHeaders };
export type Ask = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

export async function ask(url: string, { method = 'GET', headers = {}, body: sent = '' }: Ask = {}): Promise<Response> {
  const asked = request(url, { method, headers, agent: false });
  asked.end(sent);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response), headers: response.headers };
}

export type RunningBridge = AsyncDisposable & {
  readonly url: string;
  readonly provider: StandIn;
  readonly logged: readonly string[];
  readonly time: ReturnType<typeof fakeTime>;
  readonly post: (
    of: Notification | string,
    path?: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Response>;
  readonly samples: () => Promise<Samples>;
};

/** A bridge in this process, over Twilio's protocol to a stand-in. */
export async function runningBridge(
  reply: (request: Received, count: number) => Reply | Promise<Reply>,
  overrides: Partial<SmsConfig> = {},
  time: ReturnType<typeof fakeTime> = fakeTime(),
): Promise<RunningBridge> {
  const provider = await standIn(reply);
  const config: SmsConfig = {
    bearerToken: secretOf(TOKEN),
    recipients: [ANNA, BEN],
    receivers: new Map(),
    provider: {
      name: 'twilio',
      url: new URL(provider.url),
      accountSid: 'AC123',
      authToken: secretOf('twilio-token'),
      from: '+15550100',
      messagingServiceSid: undefined,
    },
    timeoutMs: 5000,
    retryWindowMs: 3_600_000,
    duplicateWindowMs: 300_000,
    stateFile: undefined,
    encoding: 'gsm7',
    maxConcurrency: 4,
    messagesPerSecond: undefined,
    ...overrides,
  };
  const logged: string[] = [];
  const log = createLogger({ level: 'debug', format: 'logfmt', write: (line) => logged.push(line), now: () => 0 });
  const metrics = new SmsMetrics({ version: '1.2.3', provider: config.provider.name });
  const sender = createProvider(config.provider, { timeoutMs: config.timeoutMs, version: '1.2.3' });
  const bridge = new Bridge({ ...config, provider: sender, metrics, log, time });
  await bridge.restore();
  const server = await listen(createSmsApp({ config, bridge, metrics, log, now: time.now }).callback(), {
    host: '127.0.0.1',
    port: 0,
  });
  const url = `http://${server.address}`;
  return {
    url,
    provider,
    logged,
    time,
    post: (of, path = '/alertmanager', headers = {}) =>
      ask(url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...headers },
        body: typeof of === 'string' ? of : body(of),
      }),
    samples: async () => new Samples((await ask(`${url}/metrics`)).body),
    [Symbol.asyncDispose]: async () => {
      await server.close(0);
      await provider[Symbol.asyncDispose]();
    },
  };
}
