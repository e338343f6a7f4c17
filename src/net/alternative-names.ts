import { parseIp } from '../core/ip.ts';

/** The kinds of names that a certificate is matched by, as OpenSSL calls them. */
const KINDS = new Set(['DNS', 'IP Address', 'email', 'URI']);

/** Whether a certificate is for one of these names, exactly: a DNS name, an IP address, an e-mail address or a URI. */
export function isNamed(subjectAltName: string | undefined, allowed: readonly string[]): boolean {
  const names = alternativeNames(subjectAltName).map(canonical);
  return allowed.some((name) => names.includes(canonical(name)));
}

/** The names in a list as Node gives it. One with a comma in it is quoted there, and the comma escaped: CVE-2021-44532. */
function alternativeNames(list: string | undefined): readonly string[] {
  return (list ?? '').split(', ').flatMap((entry) => {
    const at = entry.indexOf(':');
    const written = entry.slice(at + 1);
    return KINDS.has(entry.slice(0, at)) ? [written.startsWith('"') ? String(JSON.parse(written)) : written] : [];
  });
}

/** IPv6 addresses have several spellings. */
function canonical(name: string): string {
  const address = parseIp(name);
  return address === undefined || name.includes('%') ? name : Buffer.from(address.bytes).toString('hex');
}
