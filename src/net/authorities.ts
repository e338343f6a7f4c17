import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, rootCertificates, type SecureContext, type SecureVersion } from 'node:tls';
import type { Clock } from './clock.ts';

/** Where systems keep the authorities that they trust, most common first. Source: the same places that Go's crypto/x509 looks at. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** A certificate or key in PEM: in a file, which may change, or as it is. */
export type Pem = { readonly file: string } | { readonly text: string };

/** What one target's TLS is made with beyond the machine's own: its authorities instead of the machine's, who we are, which versions. */
export type TlsMaterial = {
  readonly ca?: Pem;
  readonly cert?: Pem;
  readonly key?: Pem;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
};

/** How often the files may be looked at, ms. */
const RECHECK_MS = 60_000;

/**
 * Whom TLS probes trust: the authorities of this machine, as other programs do, and not only the list that Node brings along. A company's
 * own authority is in the former. SSL_CERT_FILE names another file, NODE_EXTRA_CA_CERTS adds one; where there is no file at all, Node's
 * list counts. One context for all probes: making it parses some 140 certificates.
 */
export class Authorities {
  readonly #clock: Clock;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #version = '';
  #context: SecureContext | undefined;

  constructor(clock: Clock, env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#clock = clock;
    this.#env = env;
  }

  /** The context to make connections with; made again when a file has changed. */
  context(_material: TlsMaterial = {}): SecureContext {
    const now = this.#clock.now();
    if (this.#context !== undefined && now - this.#checkedAt < RECHECK_MS) return this.#context;
    this.#checkedAt = now;
    const files = this.#files();
    const version = files.map(versionOf).join('\n');
    if (this.#context === undefined || version !== this.#version)
      this.#context = createSecureContext({ ca: read(files) });
    this.#version = version;
    return this.#context;
  }

  #files(): readonly string[] {
    const named = this.#env['SSL_CERT_FILE'] ?? BUNDLES.find((file) => versionOf(file) !== '');
    return [named, this.#env['NODE_EXTRA_CA_CERTS']].filter((file) => file !== undefined && file !== '') as string[];
  }
}

/** What tells one content of a file from another; '' where there is none. */
function versionOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return '';
  }
}

function read(files: readonly string[]): string[] {
  const texts = files.flatMap((file) => {
    try {
      return [readFileSync(file, 'utf8')];
    } catch {
      return [];
    }
  });
  return texts.length > 0 ? texts : [...rootCertificates];
}
