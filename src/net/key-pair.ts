import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ProbeFailure } from '../core/reason.ts';
import { countCertificates, type Pem, placeOf, readPem } from './pem.ts';

/** Certificates that have been read, and what they are for messages. */
type Owner = { readonly pem: Pem; readonly text: string; readonly what: string };

/** The text of one certificate or more; `what` they are for messages. Throws ProbeFailure (exporter_error) where there is none. */
export function certificates(pem: Pem, what: string): string {
  const text = readPem(pem, what);
  const count = countCertificates(text);
  if (count === undefined || count === 0)
    throw new ProbeFailure(
      'exporter_error',
      `${what} ${placeOf(pem)} has ${count === 0 ? 'no certificate in it' : 'a certificate that cannot be read'}: PEM is due, with BEGIN CERTIFICATE`,
    );
  return text;
}

/** The text of a private key that is its owner's. Throws ProbeFailure (exporter_error) where it is none. */
export function privateKey(pem: Pem, owner: Owner | undefined): string {
  const text = readPem(pem, 'the key');
  const own = keyObject(pem, text);
  // OpenSSL has a place for each kind of key: one of another kind than the certificate's would be passed over in silence.
  if (owner !== undefined && !new X509Certificate(owner.text).checkPrivateKey(own))
    throw new ProbeFailure(
      'exporter_error',
      `the key ${placeOf(pem)} is not that of ${owner.what} ${placeOf(owner.pem)}`,
    );
  return text;
}

function keyObject(pem: Pem, text: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (cause) {
    const isEncrypted = /^(?:-----BEGIN|Proc-Type:).*ENCRYPTED/m.test(text);
    const why = isEncrypted
      ? 'is encrypted: a key without passphrase is due'
      : 'cannot be read: a private key in PEM is due';
    throw new ProbeFailure('exporter_error', `the key ${placeOf(pem)} ${why}`, { cause });
  }
}
