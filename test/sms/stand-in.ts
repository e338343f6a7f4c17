import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listenOn } from '../helpers/peers.ts';

/** What the stand-in does with a request. */
export type Reply =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
      /** How a body ends that does not end as it should. */
      readonly ends?: 'cut' | 'never';
    }
  | 'hang'
  | 'reset';

export type Received = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as a form. */
  readonly form: Readonly<Record<string, string>>;
};

/** A provider on loopback that keeps what it is asked and answers as told. */
export type StandIn = AsyncDisposable & {
  readonly url: string;
  readonly received: readonly Received[];
  /** How many SMS it has taken, by number. */
  readonly taken: () => Readonly<Record<string, number>>;
};

export async function standIn(reply: (request: Received, count: number) => Reply | Promise<Reply>): Promise<StandIn> {
  const received: Received[] = [];
  const taken: Record<string, number> = {};
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const { method = '', url: path = '', headers } = request;
      const asked = { method, path, headers, body, form: Object.fromEntries(new URLSearchParams(body)) };
      received.push(asked);
      const answer = await reply(asked, received.length);
      const to = asked.form['To'] ?? '';
      if (typeof answer === 'object' && answer.status < 300) taken[to] = (taken[to] ?? 0) + 1;
      give(answer, response);
    });
  });
  const port = await listenOn(server);
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    taken: () => taken,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function give(answer: Reply, response: ServerResponse): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
  if (answer.ends === undefined) response.end(body);
  else response.write(body, () => answer.ends === 'cut' && response.socket?.destroy());
}

export const TAKEN: Reply = { status: 201, body: { sid: 'SM1', status: 'queued' } };

/** How Twilio refuses. */
export function twilioError(status: number, code: number, message = 'no'): Reply {
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } };
}
