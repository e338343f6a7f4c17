import { X509Certificate } from 'node:crypto';
import { readFileSync, type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { ProbeFailure } from '../core/reason.ts';

/** A certificate or key in PEM: in a file, which may change, or as it is. */
export type Pem = { readonly file: string } | { readonly text: string };

/** The largest bundles of authorities have a tenth of it, bytes. */
const LARGEST = 10 * 1024 * 1024;

/** What tells one content of a file from another; '' where there is none. */
export function versionOf(file: string): string {
  try {
    return versionIn(statSync(file));
  } catch {
    return '';
  }
}

/** The same without anybody waiting for the file system. */
export async function versionLater(file: string): Promise<string> {
  return stat(file).then(versionIn, () => '');
}

/** With the time of the last change of its rights too: a file that could not be read may be readable then. */
function versionIn({ mtimeMs, ctimeMs, size, ino }: Stats): string {
  return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
}

/** The text of a PEM; `what` it is, for the message when it cannot be read. Throws ProbeFailure (exporter_error). */
export function readPem(pem: Pem, what: string): string {
  if ('text' in pem) return pem.text;
  try {
    const stats = statSync(pem.file);
    // A pipe would make everybody wait for whoever writes to it.
    if (!stats.isFile()) throw new Error(stats.isDirectory() ? 'it is a directory' : 'it is no file');
    if (stats.size > LARGEST) throw new Error(`it is larger than ${LARGEST} bytes`);
    return readFileSync(pem.file, 'utf8');
  } catch (error) {
    throw new ProbeFailure('exporter_error', `cannot read ${what} ${pem.file}: ${readFailure(error)}`, {
      cause: error,
    });
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
};

/** Why a file cannot be read, in words. */
export function readFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return WHY[code ?? ''] ?? message;
}

const CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** How many certificates there are in a text; undefined when one of them cannot be read. OpenSSL itself passes over those in silence. */
export function countCertificates(text: string): number | undefined {
  const found = text.match(CERTIFICATE) ?? [];
  try {
    for (const one of found) new X509Certificate(one);
    return found.length;
  } catch {
    return undefined;
  }
}

/** Where a PEM is from, for messages. */
export function placeOf(pem: Pem): string {
  return 'file' in pem ? pem.file : 'in the configuration';
}
