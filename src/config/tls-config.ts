import { z } from 'zod';
import type { Check } from '../checks/check.ts';
import type { TlsMaterial } from '../net/authorities.ts';
import type { Pem } from '../net/pem.ts';
import type { TlsSpec } from '../probe/spec.ts';
import { planTls, type TlsWritten } from '../probe/tls-plan.ts';
import { goFlag, orNone, sparse, textOrNone } from './go-values.ts';
import { choice, flag, mustBeSecret, serverName, strict, text } from './leaves.ts';
import type { Tree } from './yaml.ts';

/** TLS versions as Prometheus' tls_config names them, and as Node does. */
const VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;
type Version = keyof typeof VERSIONS;
const VERSION_NAMES = Object.keys(VERSIONS) as Version[];

const VERSION_KEYS = { min_version: choice(VERSION_NAMES).optional(), max_version: choice(VERSION_NAMES).optional() };

const MODULE_TLS_KEYS = {
  ca_file: textOrNone('the name of a file').optional(),
  cert_file: textOrNone('the name of a file').optional(),
  key_file: textOrNone('the name of a file').optional(),
  server_name: orNone(serverName()),
  ...VERSION_KEYS,
  insecure_skip_verify: goFlag().optional(),
  ca: textOrNone('a certificate in PEM').optional(),
  cert: textOrNone('a certificate in PEM').optional(),
  key: textOrNone('a key in PEM').optional(),
};

/** `tls_config` of a module, as in Prometheus. Source: Prometheus, configuration, <tls_config>. */
export const TLS_CONFIG = sparse(strict(MODULE_TLS_KEYS, undefined, {}, mustBeSecret).superRefine(pairs));

/** Every key of `tls_config`. */
export const TLS_CONFIG_KEYS: readonly string[] = Object.keys(MODULE_TLS_KEYS);

const TARGET_TLS_KEYS = strict(
  {
    starttls: flag().optional(),
    ca_file: text('the name of a file').optional(),
    cert_file: text('the name of a file').optional(),
    key_file: text('the name of a file').optional(),
    server_name: serverName().optional(),
    ...VERSION_KEYS,
    insecure_skip_verify: flag().optional(),
  },
  'true, false, starttls or a mapping',
);

/** `tls` of a target: true, false, `starttls`, or a mapping. */
export const TARGET_TLS = z
  .preprocess(spelledOut, TARGET_TLS_KEYS.superRefine(pairs).nullable())
  .transform((tls): TlsWritten => (tls === null ? false : writtenOf(tls)));

/** Every key of `tls`. */
export const TLS_KEYS: readonly string[] = Object.keys(TARGET_TLS_KEYS.shape);

type Keys = z.output<typeof TARGET_TLS_KEYS> & Partial<z.output<typeof TLS_CONFIG>>;

function spelledOut(value: unknown): unknown {
  if (value === true) return {};
  if (value === 'starttls') return { starttls: true };
  return value === false ? null : value;
}

/** A certificate without its key, or the same twice, would fail at the first handshake. */
function pairs(keys: Readonly<Record<string, unknown>>, context: z.core.$RefinementCtx): void {
  const has = (name: string) => keys[name] !== undefined || keys[`${name}_file`] !== undefined;
  for (const name of ['ca', 'cert', 'key']) {
    if (keys[name] !== undefined && keys[`${name}_file`] !== undefined)
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `is given twice, as ${name} and ${name}_file: keep one`,
      });
  }
  const [min, max] = [keys['min_version'], keys['max_version']];
  // Their names sort as they do.
  if (typeof min === 'string' && typeof max === 'string' && min > max)
    context.addIssue({ code: 'custom', path: ['max_version'], message: `is older than min_version, ${min}` });
  if (has('cert') === has('key')) return;
  const [there, missing] = has('cert') ? ['cert', 'key'] : ['key', 'cert'];
  const message = `a client ${there === 'cert' ? 'certificate' : 'key'} needs ${missing}_file beside it`;
  context.addIssue({ code: 'custom', path: [keys[there] === undefined ? `${there}_file` : there], message });
}

/** What the keys say, in the terms of probes. */
export function writtenOf(keys: Keys): Exclude<TlsWritten, false> {
  const material: Record<string, unknown> = {
    ca: pem(keys.ca_file, keys.ca),
    cert: pem(keys.cert_file, keys.cert),
    key: pem(keys.key_file, keys.key),
    minVersion: keys.min_version && VERSIONS[keys.min_version],
    maxVersion: keys.max_version && VERSIONS[keys.max_version],
    serverName: keys.server_name,
    skipVerify: keys.insecure_skip_verify || undefined,
    how: keys.starttls ? 'starttls' : undefined,
  };
  return Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined));
}

/** TLS of a probe whose address says whether it is spoken. */
export function laterTls(keys: z.output<typeof TLS_CONFIG> = {}): TlsSpec {
  const { skipVerify, how: _, ...rest } = writtenOf(keys);
  return Object.freeze({ how: 'later', judge: skipVerify ? 'nothing' : 'all', ...rest });
}

function pem(file: string | undefined, content: string | undefined): Pem | undefined {
  if (file !== undefined) return { file };
  return content === undefined ? undefined : { text: content };
}

/** How `tls` of a target would be written; undefined where saying nothing means the same. */
export function tlsTree(check: Check | undefined, tls: TlsSpec | undefined): Tree | undefined {
  const unasked = planTls(check, undefined);
  if (unasked.ok && JSON.stringify(unasked.value) === JSON.stringify(tls)) return undefined;
  if (tls === undefined) return false;
  const keys = tlsKeys(tls);
  if (tls.how === 'starttls') return Object.keys(keys).length === 0 ? 'starttls' : { starttls: true, ...keys };
  return Object.keys(keys).length === 0 ? true : keys;
}

/** `tls_config` as it would be written, where there is something to say. */
export function tlsConfigTree(tls: TlsSpec | undefined): Record<string, Tree> {
  const keys = tls === undefined ? {} : tlsKeys(tls);
  return Object.keys(keys).length === 0 ? {} : { tls_config: keys };
}

/** The keys that say what TLS is spoken with. Keys in the text are secrets. */
function tlsKeys(tls: TlsSpec): Record<string, Tree> {
  const version = (wanted: TlsMaterial['minVersion']) => VERSION_NAMES.find((name) => VERSIONS[name] === wanted);
  const all: Record<string, Tree | undefined> = {
    server_name: tls.serverName,
    ...pemKeys('ca', tls.ca),
    ...pemKeys('cert', tls.cert),
    ...pemKeys('key', tls.key && 'text' in tls.key ? { text: '<secret>' } : tls.key),
    min_version: version(tls.minVersion),
    max_version: version(tls.maxVersion),
    insecure_skip_verify: tls.judge === 'nothing' ? true : undefined,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, Tree] => entry[1] !== undefined));
}

function pemKeys(name: string, source: Pem | undefined): Record<string, string> {
  if (source === undefined) return {};
  return 'file' in source ? { [`${name}_file`]: source.file } : { [name]: source.text };
}
