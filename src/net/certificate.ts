import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateFacts, TlsFacts } from '../core/result.ts';

/** What TLS agreed on and what certificate the peer presented. Throws where the certificate cannot be read. */
export function readFacts(tls: TLSSocket): TlsFacts {
  const cipher = tls.getCipher();
  const certificate = readCertificate(tls.getPeerCertificate(true));
  return {
    version: (tls.getProtocol() ?? 'unknown').replace('TLSv', 'TLS ').replace(/ 1$/, ' 1.0'),
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
