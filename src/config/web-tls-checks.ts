import { HTTP2_CIPHERS } from './web-names.ts';
import { isSaid, type Reading, type Section, TLS_PATH } from './web-tls-section.ts';

/** Reports what does not go together, and warns of what is more open than it looks. */
export function checkTlsServer(section: Section, http2: boolean, reading: Reading): void {
  checkClients(section, reading);
  checkVersions(section, reading);
  checkCiphers(section, http2, reading);
}

function checkClients(section: Section, { report, warn }: Reading): void {
  const { written, clientAuth } = section;
  const isKnown = written.client_auth_type !== undefined || !isSaid(section, 'client_auth_type');
  const hasAuthority = isSaid(section, 'client_ca_file', 'client_ca');
  if (hasAuthority && isKnown && clientAuth === 'NoClientCert')
    report({
      path: [...TLS_PATH, isSaid(section, 'client_ca_file') ? 'client_ca_file' : 'client_ca'],
      message: 'vouches for nobody: without client_auth_type no client is asked for a certificate',
    });
  if (written.client_allowed_sans !== undefined && isKnown && !clientAuth.startsWith('Require'))
    report({
      path: [...TLS_PATH, 'client_allowed_sans'],
      message: `needs client_auth_type RequireAndVerifyClientCert: ${clientAuth} lets in clients without a certificate`,
    });
  if (clientAuth.includes('Verify') && !hasAuthority)
    warn(`client_auth_type ${clientAuth} without client_ca_file: every public authority vouches for clients`);
  if (clientAuth === 'RequireAnyClientCert')
    warn(
      'client_auth_type RequireAnyClientCert lets in everybody: clients may make their certificate, and the names in it, themselves',
    );
}

function checkVersions({ written }: Section, { report }: Reading): void {
  const { min_version: min = 'TLS12', max_version: max = 'TLS13' } = written;
  // Their names sort as they do.
  if (min > max)
    report({
      path: [...TLS_PATH, written.max_version === undefined ? 'min_version' : 'max_version'],
      message: `leaves no version: min_version is ${min}, max_version ${max}`,
    });
}

/** We speak no HTTP/2, but a file is to be good here when it is good elsewhere. */
function checkCiphers({ written }: Section, http2: boolean, { report }: Reading): void {
  const { cipher_suites: ciphers = [], min_version: min } = written;
  if (!http2 || min === 'TLS13' || ciphers.length === 0) return;
  if (!ciphers.some((name) => HTTP2_CIPHERS.includes(name)))
    report({
      path: [...TLS_PATH, 'cipher_suites'],
      message: `must have ${HTTP2_CIPHERS.join(' or ')}, which HTTP/2 needs, unless http2 is false`,
    });
}
