import { expect, test } from 'vitest';
import { wantsClientCertificate } from '../../src/checks/client-certificate.ts';

test.each([
  ['TLS 1.3', { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }, true],
  ['old Go, OpenSSL 3.0', { code: 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE' }, true],
  ['old Go, OpenSSL 3.5', { code: 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE' }, true],
  ['another alert', { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' }, false],
  ['a reset', { code: 'ECONNRESET' }, false],
  ['no code', new Error('bad certificate'), false],
  ['a code that is no text', { code: 42 }, false],
  ['nothing', undefined, false],
  ['null', null, false],
])('what asks for a client certificate: %s', (_, error, wants) => {
  expect(wantsClientCertificate(error)).toBe(wants);
});
