import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, type DetailedPeerCertificate, type SecureContext, type TLSSocket } from 'node:tls';
import { parseIp } from '../core/ip.ts';
import { ProbeFailure } from '../core/reason.ts';
import type { CertificateFacts, TlsFacts } from '../core/result.ts';
import { classify } from './classify.ts';

/** How a handshake ended: facts as far as it came, the error when it did not do. */
export type TlsOutcome = { readonly facts?: TlsFacts; readonly error?: Error };

/** Who waits for the handshake. */
export type TlsListener = {
  /** The moment it was agreed. */
  agreed(): void;
  /** What came of it; only the peer's last word is missing. */
  secured(outcome: TlsOutcome): void;
  /** Once, last. */
  ended(outcome: TlsOutcome): void;
};

/** Whom we speak to: its host as configured, the name to ask for instead, and whom we trust. */
export type TlsPeer = {
  readonly host: string;
  readonly serverName: string | undefined;
  readonly secureContext: SecureContext;
};

/**
 * A TLS 1.3 client is content before the server is: that a client certificate is missing arrives afterwards. So the goodbye is sent and
 * the server's last word awaited for this long before the handshake counts as good, ms.
 */
const LAST_WORD_MS = 100;

/**
 * Speaks TLS over an open connection and leaves with close_notify. Verification is judged afterwards, never by tearing the connection
 * down: the facts of a bad certificate are what a monitor is asked for, and servers log the torn handshake.
 */
export function handshake(socket: Socket, peer: TlsPeer, listener: TlsListener): void {
  const { host, serverName, secureContext } = peer;
  const name = serverName ?? (parseIp(host) === undefined ? host.replace(/\.$/, '') : undefined);
  const tls = connect({
    socket,
    host,
    ...(name === undefined ? {} : { servername: name }),
    secureContext,
    rejectUnauthorized: false,
  });
  let known: TlsOutcome | undefined;
  let lastWord: NodeJS.Timeout | undefined;
  let over = false;
  const end = (outcome: TlsOutcome) => {
    if (over) return;
    over = true;
    clearTimeout(lastWord);
    listener.ended(outcome);
    tls.destroy();
  };
  tls.once('secureConnect', () => {
    listener.agreed();
    known = inspect(tls);
    listener.secured(known);
    const outcome = known;
    tls.resume();
    tls.end();
    lastWord = setTimeout(() => end(outcome), LAST_WORD_MS);
  });
  tls.on('error', (error: NodeJS.ErrnoException) => {
    if (known === undefined) end({ error: hungUp(error) ? CLOSED_EARLY : error });
    // After the goodbye a reset is the peer's way of leaving; an alert is its word on our handshake.
    else end(isAlert(error) && known.error === undefined ? { ...known, error } : known);
  });
  tls.once('close', () => end(known ?? { error: CLOSED_EARLY }));
}

const CLOSED_EARLY = new ProbeFailure('closed_early', 'the peer hung up during the TLS handshake');

/** Node reports a FIN within the handshake as ECONNRESET of no system call; a real reset names the call. */
function hungUp(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' && error.syscall === undefined;
}

/** What the peer presented, and whether it does. Certificates are the peer's to write: one that cannot be read must not end the exporter. */
function inspect(tls: TLSSocket): TlsOutcome {
  try {
    const error = judge(tls);
    return { facts: readFacts(tls), ...(error && { error }) };
  } catch (cause) {
    return {
      error: new ProbeFailure('tls_handshake_failed', `the certificate cannot be read: ${String(cause)}`, { cause }),
    };
  }
}

function isAlert(error: Error): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code?.startsWith('ERR_SSL_') === true && code.includes('ALERT');
}

/** Why the peer's certificate does not do, if so. */
function judge(tls: TLSSocket): Error | undefined {
  if (tls.authorized) return undefined;
  const found: unknown = tls.authorizationError;
  const cause = found instanceof Error ? found : Object.assign(new Error(String(found)), { code: String(found) });
  const reason = classify(cause, 'tls');
  const precise = reason === 'tls_handshake_failed' ? 'tls_certificate_untrusted' : reason;
  return new ProbeFailure(precise, `certificate not accepted: ${String(found)}`, { cause });
}

function readFacts(tls: TLSSocket): TlsFacts {
  const cipher = tls.getCipher();
  const certificate = readCertificate(tls.getPeerCertificate(true));
  return {
    version: (tls.getProtocol() ?? 'unknown').replace('TLSv', 'TLS '),
    cipher: cipher?.standardName ?? 'unknown',
    ...(certificate && { certificate }),
  };
}

function readCertificate(leaf: DetailedPeerCertificate): CertificateFacts | undefined {
  if (leaf?.raw === undefined) return undefined;
  const x509 = new X509Certificate(leaf.raw);
  const earliest = Math.min(...expiries(leaf));
  return {
    earliestExpiry: earliest,
    chainExpiry: earliest,
    fingerprintSha256: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: distinguishedName(x509.subject),
    issuer: distinguishedName(x509.issuer),
    subjectAlternative: dnsNames(x509.subjectAltName),
    serialNumber: x509.serialNumber.toLowerCase(),
  };
}

/**
 * Expiry of every certificate in the chain, seconds since 1970, without its trust anchor: that one is this machine's own, and Node does not
 * tell whether the peer has sent it too. A self-signed certificate on its own is its own anchor, and counts.
 */
function expiries(leaf: DetailedPeerCertificate): number[] {
  const found = [expiry(leaf)];
  const seen = new Set([leaf.fingerprint256]);
  for (let at = leaf.issuerCertificate; at !== undefined && !seen.has(at.fingerprint256); at = at.issuerCertificate) {
    seen.add(at.fingerprint256);
    const isAnchor = at.issuerCertificate?.fingerprint256 === at.fingerprint256;
    if (!isAnchor) found.push(expiry(at));
  }
  return found;
}

function expiry(certificate: DetailedPeerCertificate): number {
  return Date.parse(certificate.valid_to) / 1000;
}

/**
 * "C=US\nO=Org\nCN=name" in the order of RFC 2253, most specific first: "CN=name,O=Org,C=US". Empty where all is in the
 * alternative names: Node gives undefined then, whatever its types say. */
function distinguishedName(lines: string | undefined): string {
  return (lines ?? '').split('\n').reverse().join(',');
}

function dnsNames(subjectAltName: string | undefined): string {
  return (subjectAltName ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith('DNS:'))
    .map((entry) => entry.slice('DNS:'.length))
    .join(',');
}
