import { resolve } from 'node:path';
import { certificates, privateKey } from '../net/key-pair.ts';
import type { Pem } from '../net/pem.ts';
import type { ServerTls } from '../net/server-tls.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { isSaid, type Reading, type Section, TLS_PATH } from './web-tls-section.ts';

type Source = { readonly pem: Pem; readonly path: Path };

/** Reads certificate, key and authorities: all of them, so that every problem is told. Undefined when one is missing or bad. */
export function readMaterial(section: Section, reading: Reading): Pick<ServerTls, 'cert' | 'key' | 'ca'> | undefined {
  const { report } = reading;
  const cert = needed('cert', 'certificate', section, reading);
  const key = needed('key', 'key', section, reading);
  const ca = sourceOf('client_ca', section, reading);
  const what = 'the certificate';
  const chain = cert && trying(cert, report, ({ pem }) => certificates(pem, what));
  const owner = cert && chain !== undefined ? { pem: cert.pem, text: chain, what } : undefined;
  const own = key && trying(key, report, ({ pem }) => privateKey(pem, owner));
  const authorities = ca && trying(ca, report, ({ pem }) => certificates(pem, 'the authority of clients'));
  if (chain === undefined || own === undefined) return undefined;
  return { cert: chain, key: own, ...(authorities !== undefined && { ca: authorities }) };
}

function needed(name: 'cert' | 'key', what: string, section: Section, reading: Reading): Source | undefined {
  const source = sourceOf(name, section, reading);
  if (source === undefined && !isSaid(section, name, `${name}_file`))
    reading.report({ path: TLS_PATH, message: `needs ${name}_file, the ${what} of this server` });
  return source;
}

/** Where a PEM is from: the file where both are given, as in the toolkit. */
function sourceOf(name: 'cert' | 'key' | 'client_ca', { written }: Section, reading: Reading): Source | undefined {
  const { directory, warn, names } = reading;
  const [file, text] = [written[`${name}_file`], written[name]];
  if (file !== undefined && text !== undefined) warn(`tls_server_config.${name} is not used beside ${name}_file`);
  if (file === undefined) return text === undefined ? undefined : { pem: { text }, path: [...TLS_PATH, name] };
  const whole = resolve(directory, file);
  names(whole);
  return { pem: { file: whole }, path: [...TLS_PATH, `${name}_file`] };
}

function trying(source: Source, report: Report, read: (source: Source) => string): string | undefined {
  try {
    return read(source);
  } catch (error) {
    report({ path: source.path, message: (error as Error).message });
    return undefined;
  }
}
