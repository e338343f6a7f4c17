import { type ClientAuth, type ServerTls, serverTlsProblem } from '../net/server-tls.ts';
import { present } from './go-values.ts';
import { type Part, readPart } from './parts.ts';
import { CURVES, opensslCiphers, TLS_VERSIONS } from './web-names.ts';
import { TLS_SERVER } from './web-schema.ts';
import { checkTlsServer } from './web-tls-checks.ts';
import { readMaterial } from './web-tls-material.ts';
import { isSaid, type Reading, type Section, TLS_PATH } from './web-tls-section.ts';

/** With none of them the toolkit speaks plain HTTP, whatever else the section says. */
const ENABLING = ['cert_file', 'key_file', 'cert', 'key', 'client_ca_file', 'client_ca', 'client_auth_type'] as const;

/** What `tls_server_config` says; undefined for plain HTTP, and where something is wrong, which is reported. */
export function readTlsServer(value: unknown, http2: boolean, reading: Reading): ServerTls | undefined {
  const { report, warn } = reading;
  const written = readPart(TLS_SERVER, present(value ?? {}), TLS_PATH, report);
  const section: Section = { value, written, clientAuth: clientAuthOf(written) };
  if (!isSaid(section, ...ENABLING)) {
    if (Object.keys(written).length > 0) warn('tls_server_config names no certificate: the web side speaks plain HTTP');
    return undefined;
  }
  checkTlsServer(section, http2, reading);
  const material = readMaterial(section, reading);
  if (material === undefined) return undefined;
  const tls: ServerTls = Object.freeze({ ...material, ...rulesOf(section) });
  const problem = serverTlsProblem(tls);
  if (problem !== undefined) report({ path: TLS_PATH, message: problem });
  return tls;
}

function clientAuthOf({ client_auth_type: written = 'NoClientCert' }: Part<typeof TLS_SERVER>): ClientAuth {
  return written === 'RequireClientCert' ? 'RequireAnyClientCert' : written;
}

function rulesOf({ written, clientAuth }: Section): Omit<ServerTls, 'cert' | 'key' | 'ca'> {
  const { cipher_suites: ciphers = [], curve_preferences: curves = [], client_allowed_sans: allowedSans } = written;
  return {
    clientAuth,
    ...(allowedSans && { allowedSans }),
    minVersion: TLS_VERSIONS[written.min_version ?? 'TLS12'],
    maxVersion: TLS_VERSIONS[written.max_version ?? 'TLS13'],
    ...(ciphers.length > 0 && { ciphers: opensslCiphers(ciphers) }),
    // OpenSSL refuses one that is there twice.
    ...(curves.length > 0 && { curves: [...new Set(curves)].map((name) => CURVES[name]).join(':') }),
    ownOrder: written.prefer_server_cipher_suites ?? true,
  };
}
