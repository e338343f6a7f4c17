import type { Socket } from 'node:net';
import {
  createSecureContext,
  createServer,
  type SecureVersion,
  type Server,
  TLSSocket,
  type TlsOptions,
} from 'node:tls';
import { isNamed } from './alternative-names.ts';

/** What clients must show, in Go's words. Source: Go, crypto/tls, ClientAuthType. */
export const CLIENT_AUTHS = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuth = (typeof CLIENT_AUTHS)[number];

/** What a server speaks TLS with: PEM as text, and what it wants of clients. */
export type ServerTls = {
  readonly cert: string;
  readonly key: string;
  /** The authorities of clients; without them those that Node.js knows. */
  readonly ca?: string;
  readonly clientAuth: ClientAuth;
  /** Names of which the certificate of a client must have one. */
  readonly allowedSans?: readonly string[];
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
  /** As OpenSSL writes them, TLS 1.3 included; Node's own without them. */
  readonly ciphers?: string;
  readonly curves?: string;
  /** Whether our order of ciphers counts rather than the client's. */
  readonly ownOrder: boolean;
};

/** What comes of the connections that are handed to an acceptor. */
export type TlsGuests = {
  /** `under`: what the client was judged by. */
  readonly secured: (socket: TLSSocket, raw: Socket, under: ServerTls) => void;
  /** The connection is ended; why, for a log. */
  readonly refused: (client: string, why: string) => void;
};

/** Whether a client that was let in under the one would have been judged in the same way under the other. */
export function asksTheSame(one: ServerTls, other: ServerTls): boolean {
  if (one === other) return true;
  const sans = [one, other].map(({ allowedSans }) => JSON.stringify(allowedSans));
  return one.clientAuth === other.clientAuth && one.ca === other.ca && sans[0] === sans[1];
}

/** Whether the client at the other end has shown a certificate. */
export function showsCertificate(socket: Socket): boolean {
  return socket instanceof TLSSocket && socket.getPeerX509Certificate() !== undefined;
}

/** A handshake takes two round trips; who takes longer does not want to speak, ms. */
const HANDSHAKE_MS = 10_000;
/** Handshakes under way: whoever begins all of them must not be able to end all of them in the same moment. */
const MOST_BEGUN = 128;

/** What keeps TLS from being spoken with that, if anything: OpenSSL refuses keys that are too short, for instance. */
export function serverTlsProblem(tls: ServerTls): string | undefined {
  try {
    createSecureContext(optionsOf(tls));
    return undefined;
  } catch (error) {
    return `TLS cannot be set up: ${(error as Error).message}`;
  }
}

/** Speaks TLS, as a server, over connections that somebody else has accepted. What it is spoken with may change from one to the next. */
export class TlsAcceptor {
  readonly #guests: TlsGuests;
  /** The connections whose handshake is not over, by who they are from and to. */
  readonly #begun = new Map<string, Socket>();
  /** Node does not tell whose certificate it refused: the connection is closed by then. */
  #lastGone = '';
  #server: Server | undefined;
  #madeOf: ServerTls | undefined;

  constructor(guests: TlsGuests) {
    this.#guests = guests;
  }

  accept(raw: Socket, tls: ServerTls): void {
    const ends = endsOf(raw);
    if (raw.destroyed || raw.remotePort === undefined) {
      raw.destroy();
      return;
    }
    this.#begun.set(ends, raw);
    const [oldest] = this.#begun.values();
    if (this.#begun.size > MOST_BEGUN) oldest?.destroy();
    raw.once('close', () => {
      if (this.#begun.get(ends) !== raw) return;
      this.#begun.delete(ends);
      this.#lastGone = raw.remoteAddress ?? '';
    });
    if (this.#server === undefined || this.#madeOf !== tls) {
      this.#server = this.#create(tls);
      this.#madeOf = tls;
    }
    // Node's documented way to hand a connection to a TLS server. This one listens nowhere itself.
    this.#server.emit('connection', raw);
  }

  #create(tls: ServerTls): Server {
    const server = createServer(optionsOf(tls), (socket) => {
      const ends = endsOf(socket);
      const raw = this.#begun.get(ends);
      const refusal = refusalOf(socket, tls);
      if (raw !== undefined && refusal === undefined) {
        this.#begun.delete(ends);
        this.#guests.secured(socket, raw, tls);
        return;
      }
      if (refusal !== undefined) this.#guests.refused(socket.remoteAddress ?? '', refusal);
      socket.on('error', () => undefined).destroy();
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const why = socket.authorizationError ?? error.code ?? error.message;
      // Who has gone away was not refused.
      if (String(why) !== 'ECONNRESET') this.#guests.refused(socket.remoteAddress ?? this.#lastGone, String(why));
      socket.destroy();
    });
    return server;
  }
}

function optionsOf(tls: ServerTls): TlsOptions {
  const { cert, key, ca, clientAuth, minVersion, maxVersion, ciphers, curves } = tls;
  // Versions before 1.2 are there for whoever names them; their signatures are below what OpenSSL takes by itself.
  const isAncient = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const suites = isAncient ? `${ciphers ?? 'DEFAULT'}:@SECLEVEL=0` : ciphers;
  return {
    cert,
    key,
    ...(ca !== undefined && { ca }),
    minVersion,
    maxVersion,
    ...(suites !== undefined && { ciphers: suites }),
    ...(curves !== undefined && { ecdhCurve: curves }),
    honorCipherOrder: tls.ownOrder,
    ALPNProtocols: ['http/1.1'],
    requestCert: clientAuth !== 'NoClientCert',
    // With it OpenSSL itself refuses who shows none, with the proper alert. The others are judged by us.
    rejectUnauthorized: clientAuth === 'RequireAndVerifyClientCert',
    handshakeTimeout: HANDSHAKE_MS,
  };
}

/** Why a client is not let in, if so. The certificate is the client's to write: one that cannot be read must not end the exporter. */
function refusalOf(socket: TLSSocket, { clientAuth, allowedSans }: ServerTls): string | undefined {
  if (clientAuth === 'NoClientCert') return undefined;
  try {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined)
      return clientAuth === 'RequireAnyClientCert' ? 'the client shows no certificate' : undefined;
    const isVerified = clientAuth === 'RequireAndVerifyClientCert' || clientAuth === 'VerifyClientCertIfGiven';
    if (isVerified && !socket.authorized) return String(socket.authorizationError);
    if (allowedSans !== undefined && !isNamed(certificate.subjectAltName, allowedSans))
      return 'the certificate of the client has none of client_allowed_sans';
    return undefined;
  } catch (error) {
    return `the certificate of the client cannot be read: ${String(error)}`;
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
