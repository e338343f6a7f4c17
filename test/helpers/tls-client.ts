import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Certificate } from './e2e-certificates.ts';

type Ask = ConnectionOptions & {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What a client sees of one request over TLS: the answer, and whom it talked with; or the code of the error. */
type Seen = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly serial: string;
  readonly version: string;
};

/** One request over a connection of its own. The name in the certificate is not looked at, its authority is. */
export async function ask(port: number, { path = '/', ...options }: Ask = {}): Promise<Seen | string> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path,
    agent: false,
    checkServerIdentity: () => undefined,
    ...options,
  });
  try {
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const socket = response.socket as TLSSocket;
    const { serialNumber: serial } = socket.getPeerCertificate();
    const version = socket.getProtocol() ?? '';
    const { statusCode: status = 0, headers } = response;
    return { status, headers, body: await text(response), serial, version };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Certificate and key of a client, for `ask`. */
export function shown({ cert, key }: Certificate): Pick<ConnectionOptions, 'cert' | 'key'> {
  return { cert, key };
}
