import { createServer } from 'node:http';
import { listenOn } from './peers.ts';

/** A server on 127.0.0.1 that answers every request the same. */
export async function answering(status: number, headers: Readonly<Record<string, string>>, body: string) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.writeHead(status, headers).end(body);
  });
  const port = await listenOn(server);
  return {
    address: `127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
