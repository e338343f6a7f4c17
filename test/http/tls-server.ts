import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type Listening, listen, type TlsSource } from '../../src/http/server.ts';
import type { ServerTls } from '../../src/net/server-tls.ts';
import type { Certificate } from '../helpers/e2e-certificates.ts';
import type { Stage } from '../helpers/e2e-stage.ts';

type Served = Listening & {
  readonly use: (changes: Partial<ServerTls>) => void;
  readonly refused: readonly string[];
};

/** A server that says ok over TLS; `fresh` is waited for before each connection. */
export async function serve(
  stage: Stage,
  { cert, key }: Certificate,
  changes: Partial<ServerTls> = {},
  fresh: TlsSource['fresh'] = () => undefined,
): Promise<Served> {
  const usual = { clientAuth: 'NoClientCert', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', ownOrder: true } as const;
  let current: ServerTls = { ...usual, cert: cert.toString(), key: key.toString(), ...changes };
  const refused: string[] = [];
  const tls: TlsSource = { fresh, current: () => current, refused: (client, why) => refused.push(`${client} ${why}`) };
  const server = await listen((_, response) => response.end('ok'), { host: '127.0.0.1', port: 0 }, { tls });
  stage.onEnd(() => server.close(0));
  return {
    ...server,
    refused,
    use: (more) => {
      current = { ...current, ...more };
    },
  };
}

/** A connection that has agreed on TLS. */
export async function secured(options: ConnectionOptions & { readonly port: number }): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', checkServerIdentity: () => undefined, ...options });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}
