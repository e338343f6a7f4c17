import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Stage } from './e2e-stage.ts';

/** One request that somebody sent, and how it was answered. */
type Received = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly status: number;
  /** Milliseconds since 1970. */
  readonly at: number;
};

type Reply = { readonly status: number; readonly body?: string };

/** A service that takes messages, played: keeps every request. */
export type Recorder = {
  readonly url: string;
  /** Every request, the oldest first. */
  readonly received: readonly Received[];
  /** Those that were answered with 2xx. */
  readonly taken: () => readonly Received[];
};

/** Listens on loopback until the test is over. `reply` gets the number of the request, from 0 on. */
export async function startRecorder(stage: Stage, reply: (n: number) => Reply): Promise<Recorder> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { status, body: answer = '' } = reply(received.length);
    received.push({ path: request.url ?? '', headers: request.headers, body, status, at: Date.now() });
    response.writeHead(status).end(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stage.onEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    taken: () => received.filter(({ status }) => status < 300),
  };
}

/** What Slack shows of a message. */
export type SlackTexts = { readonly color: string; readonly title: string; readonly text: string };

export function startSlack(stage: Stage): Promise<Recorder> {
  return startRecorder(stage, () => ({ status: 200, body: 'ok' }));
}

export function slackMessages(slack: Recorder): readonly SlackTexts[] {
  return slack.taken().map(({ body }) => {
    const { color, title, text } = JSON.parse(body).attachments[0];
    return { color, title, text };
  });
}

const SNS_ANSWER =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>' +
  '<MessageId>11111111-2222-3333-4444-555555555555</MessageId></PublishResult></PublishResponse>';

export function startSns(stage: Stage): Promise<Recorder> {
  return startRecorder(stage, () => ({ status: 200, body: SNS_ANSWER }));
}

/** The texts that a phone would have got, from requests that are forms: SNS and Twilio. */
export function smsTexts(provider: Recorder, field: 'Message' | 'Body'): readonly string[] {
  return provider.taken().map(({ body }) => new URLSearchParams(body).get(field) ?? '');
}
