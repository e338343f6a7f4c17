import { Agent, get } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export type Reply = { readonly seconds: number; readonly bytes: number; readonly text: string };

const TIMEOUT_MS = 60_000;

/** What Prometheus says in every scrape, besides the encoding. */
export const SCRAPE_HEADERS = {
  accept: 'application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.7,*/*;q=0.1',
  'x-prometheus-scrape-timeout-seconds': '10',
} as const;

/** As many kept-alive connections as there are requests at once. */
export function keptAlive(connections: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: connections });
}

/** One GET on 127.0.0.1; the time ends with the last byte received, unpacking is not in it. */
export async function fetchText(
  agent: Agent,
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Reply> {
  const begin = performance.now();
  const { body, encoding } = await fetchBody(agent, port, path, headers);
  const seconds = (performance.now() - begin) / 1000;
  const plain = encoding === 'gzip' ? await promisify(gunzip)(body) : body;
  return { seconds, bytes: body.length, text: plain.toString() };
}

type Body = { readonly body: Buffer; readonly encoding: string | undefined };

function fetchBody(agent: Agent, port: number, path: string, headers: Readonly<Record<string, string>>): Promise<Body> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, agent, headers, timeout: TIMEOUT_MS };
    const request = get(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const body = Buffer.concat(chunks);
        if (response.statusCode === 200) resolve({ body, encoding: response.headers['content-encoding'] });
        else reject(new Error(`GET ${path}: ${response.statusCode} ${body.toString().slice(0, 200)}`));
      });
    });
    request.once('timeout', () => request.destroy(new Error(`GET ${path}: no answer in ${TIMEOUT_MS / 1000} s`)));
    request.once('error', reject);
  });
}
