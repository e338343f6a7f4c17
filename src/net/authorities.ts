import { readFileSync } from 'node:fs';
import {
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type SecureContextOptions,
  type SecureVersion,
} from 'node:tls';
import { ProbeFailure } from '../core/reason.ts';
import type { Clock } from './clock.ts';
import { certificates, privateKey } from './key-pair.ts';
import { type Pem, versionOf } from './pem.ts';

/** Where systems keep the authorities that they trust, most common first. Source: the same places that Go's crypto/x509 looks at. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** What one target's TLS is made with beyond the machine's own: its authorities instead of the machine's, who we are, which versions. */
export type TlsMaterial = {
  readonly ca?: Pem;
  readonly cert?: Pem;
  readonly key?: Pem;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
};

/** How often the machine's own files may be looked at, ms. */
const RECHECK_MS = 60_000;
/** The same for the files of a target: a client certificate may live for minutes. */
const RECHECK_OWN_MS = 5000;
/** Contexts kept. With the machine's authorities each has a megabyte, with others a tenth of that. */
const MOST_WITH_BUNDLE = 200;
const MOST_OTHERS = 1000;

/** A context, of what content of its files, and when that was looked at. */
type Made = {
  readonly context: SecureContext;
  readonly version: string;
  /** Of the machine's authorities; '' where they are not in it. */
  readonly bundleVersion: string;
  readonly checkedAt: number;
};

type Bundle = { readonly texts: readonly string[]; readonly version: string };

/**
 * Whom TLS probes trust: the authorities of this machine, as other programs do, and not only the list that Node brings along. A company's
 * own authority is in the former. SSL_CERT_FILE names another file, NODE_EXTRA_CA_CERTS adds one; where there is no file at all, Node's
 * list counts. A target may name its own authority instead, a client certificate, and versions. One context for all that are made of
 * the same: making it parses some 140 certificates.
 */
export class Authorities {
  readonly #clock: Clock;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #withBundle = new Map<string, Made>();
  readonly #others = new Map<string, Made>();
  #bundle: (Bundle & { readonly checkedAt: number }) | undefined;
  #plain: { readonly context: SecureContext; readonly version: string } | undefined;

  constructor(clock: Clock, env: Readonly<Record<string, string | undefined>> = process.env) {
    this.#clock = clock;
    this.#env = env;
  }

  /**
   * The context to make connections with; made again when a file has changed. Throws ProbeFailure (exporter_error) when a file cannot be
   * read or is not what it should be.
   */
  context({ ca, cert, key, minVersion, maxVersion }: TlsMaterial = {}): SecureContext {
    const material = { ca, cert, key, minVersion, maxVersion };
    if (Object.values(material).every((part) => part === undefined)) return this.#machine();
    const bundle = ca === undefined ? this.#authorities() : undefined;
    const [kept, most] = bundle === undefined ? [this.#others, MOST_OTHERS] : [this.#withBundle, MOST_WITH_BUNDLE];
    const id = JSON.stringify(material);
    const now = this.#clock.now();
    const known = kept.get(id);
    kept.delete(id);
    const made = renewed(material as TlsMaterial, bundle, known, now);
    kept.set(id, made);
    // Any but the last: scrapes go round all targets, so that the one not used for longest would always be the next one needed.
    if (kept.size > most) kept.delete([...kept.keys()][Math.floor(Math.random() * most)] ?? '');
    return made.context;
  }

  #machine(): SecureContext {
    const { texts, version } = this.#authorities();
    if (this.#plain?.version !== version) this.#plain = { context: createSecureContext({ ca: [...texts] }), version };
    return this.#plain.context;
  }

  #authorities(): Bundle {
    const now = this.#clock.now();
    if (this.#bundle !== undefined && now - this.#bundle.checkedAt < RECHECK_MS) return this.#bundle;
    const files = this.#files();
    const version = files.map(versionOf).join('\n');
    const texts = this.#bundle?.version === version ? this.#bundle.texts : readBundle(files);
    this.#bundle = { texts, version, checkedAt: now };
    return this.#bundle;
  }

  #files(): readonly string[] {
    const named = this.#env['SSL_CERT_FILE'] ?? BUNDLES.find((file) => versionOf(file) !== '');
    return [named, this.#env['NODE_EXTRA_CA_CERTS']].filter((file) => file !== undefined && file !== '') as string[];
  }
}

/** What is wrong with it now: a file that cannot be read, a key that is not the certificate's. Undefined when TLS can be spoken with it. */
export function problemOf(material: TlsMaterial): string | undefined {
  try {
    build(material, undefined);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function renewed(material: TlsMaterial, bundle: Bundle | undefined, known: Made | undefined, now: number): Made {
  const bundleVersion = bundle?.version ?? '';
  const sameBundle = known?.bundleVersion === bundleVersion;
  if (known !== undefined && sameBundle && now - known.checkedAt < RECHECK_OWN_MS) return known;
  const files = [material.ca, material.cert, material.key];
  const version = files.map((pem) => (pem !== undefined && 'file' in pem ? versionOf(pem.file) : '')).join('\n');
  if (known?.version === version && sameBundle) return { ...known, checkedAt: now };
  return { context: build(material, bundle?.texts), version, bundleVersion, checkedAt: now };
}

const OWN = 'the client certificate';

/** Makes a context of it. Throws ProbeFailure (exporter_error) with what would be right. */
function build(material: TlsMaterial, bundle: readonly string[] | undefined): SecureContext {
  const { ca, cert, key, minVersion, maxVersion } = material;
  const own = cert && { pem: cert, text: certificates(cert, OWN), what: OWN };
  const isAncient = isOld(minVersion) || isOld(maxVersion);
  const options: SecureContextOptions = {
    ca: ca ? certificates(ca, 'the authority') : [...(bundle ?? [])],
    ...(own && { cert: own.text }),
    ...(key && { key: privateKey(key, own) }),
    ...(isOld(maxVersion) && { minVersion: 'TLSv1' }),
    ...(minVersion && { minVersion }),
    ...(maxVersion && { maxVersion }),
    // Versions before 1.2 are there for whoever names them; their signatures are below what OpenSSL takes by itself.
    ...(isAncient && { ciphers: 'DEFAULT@SECLEVEL=0' }),
  };
  try {
    return createSecureContext(options);
  } catch (cause) {
    throw new ProbeFailure('exporter_error', `TLS cannot be set up: ${(cause as Error).message}`, { cause });
  }
}

function isOld(version: SecureVersion | undefined): boolean {
  return version === 'TLSv1' || version === 'TLSv1.1';
}

function readBundle(files: readonly string[]): string[] {
  const texts = files.flatMap((file) => {
    try {
      return [readFileSync(file, 'utf8')];
    } catch {
      return [];
    }
  });
  return texts.length > 0 ? texts : [...rootCertificates];
}
