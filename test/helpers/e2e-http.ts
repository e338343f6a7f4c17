import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export type Answer = { readonly status: number; readonly body: string; readonly seconds: number };
export type Ask = { readonly method?: 'GET' | 'POST'; readonly headers?: Readonly<Record<string, string>> };

/** One HTTP request over a connection of its own, which is closed afterwards. */
export async function http(url: string, { method = 'GET', headers = {} }: Ask = {}): Promise<Answer> {
  const began = performance.now();
  const asked = request(url, { method, headers, agent: false });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const body = await text(response);
  return { status: response.statusCode ?? 0, body, seconds: (performance.now() - began) / 1000 };
}
