/**
 * What servers say to whoever has no certificate: OpenSSL and new Go the first, old Go the second, which OpenSSL 3.5 of Node.js 22 and later
 * spells as the third. RFC 8446, 6.2.
 */
const ALERTS = new Set([
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
  'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
]);

/** Whether the server hung up because it wants a certificate of its clients: with TLS 1.3 it says so only after the handshake. */
export function wantsClientCertificate(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && ALERTS.has(code);
}
