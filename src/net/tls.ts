import type { Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { parseIp } from '../core/ip.ts';
import { ProbeFailure } from '../core/reason.ts';
import type { TlsFacts } from '../core/result.ts';
import { readFacts } from './certificate.ts';
import { classify } from './classify.ts';

/** How a handshake ended: facts as far as it came, the error when what the peer presented will not do. */
export type TlsOutcome = { readonly facts?: TlsFacts; readonly error?: Error };

/** What of a certificate is judged: all of it, only that it has not expired, or nothing. */
export type TlsJudge = 'all' | 'expiry' | 'nothing';

/** Whom we speak to: its host as configured, the name to ask for instead, with what, and what we make of its certificate. */
export type TlsPeer = {
  readonly host: string;
  readonly serverName: string | undefined;
  readonly secureContext: SecureContext;
  readonly judge: TlsJudge;
  /** What may be spoken within, most wanted first; not a word of it when empty. Source: RFC 7301. */
  readonly protocols: readonly string[];
};

/**
 * Speaks TLS over an open connection. Verification is judged afterwards (`inspect`), never by tearing the connection down: the facts of
 * a bad certificate are what a monitor is asked for, and servers log the torn handshake.
 */
export function openTls(socket: Socket, { host, serverName, secureContext, protocols }: TlsPeer): TLSSocket {
  const name = (serverName ?? host).replace(/\.$/, '');
  return connect({
    socket,
    // Only names are asked for (RFC 6066, section 3); the certificate is held against an address all the same.
    ...(parseIp(name) === undefined && !name.startsWith('/') ? { host: name, servername: name } : { host: name }),
    secureContext,
    ...(protocols.length > 0 && { ALPNProtocols: [...protocols] }),
    rejectUnauthorized: false,
  });
}

/** What the peer presented, and whether it does. Certificates are the peer's to write: one that cannot be read must not end the exporter. */
export function inspect(tls: TLSSocket, how: TlsJudge): TlsOutcome {
  try {
    const facts = readFacts(tls);
    const error = judge(tls, facts, how);
    return { facts, ...(error && { error }) };
  } catch (cause) {
    return {
      error: new ProbeFailure('tls_handshake_failed', `the certificate cannot be read: ${String(cause)}`, { cause }),
    };
  }
}

/** Whether an error is the peer's own word on the handshake. RFC 8446, section 6. */
export function isAlert(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code?.startsWith('ERR_SSL_') === true && code.includes('ALERT');
}

/** Why the peer's certificate does not do, if so. That it has expired comes first: it is true whomever we trust. */
function judge(tls: TLSSocket, { certificate }: TlsFacts, how: TlsJudge): Error | undefined {
  if (how === 'nothing' || tls.authorized) return undefined;
  const expiry = certificate?.earliestExpiry ?? Number.POSITIVE_INFINITY;
  if (expiry * 1000 < Date.now())
    return new ProbeFailure('tls_certificate_expired', `the certificate expired on ${day(expiry)}`);
  if (how === 'expiry') return undefined;
  const found: unknown = tls.authorizationError;
  const cause = found instanceof Error ? found : Object.assign(new Error(String(found)), { code: String(found) });
  const reason = classify(cause, 'tls');
  const precise = reason === 'tls_handshake_failed' ? 'tls_certificate_untrusted' : reason;
  return new ProbeFailure(precise, `certificate not accepted: ${String(found)}`, { cause });
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
