import type { TlsMaterial } from '../net/authorities.ts';
import type { Modules } from './modules.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import type { Entry } from './targets.ts';

/** What is wrong with the files that TLS is to be spoken with, if anything. */
export type TlsProblem = (material: TlsMaterial) => string | undefined;

/**
 * Looks at the certificates and keys that targets and modules name, each once. What is wrong with one is a problem; for the modules of
 * blackbox_exporter it is a warning: it loads such a file, and its own example has one.
 */
export function checkTlsFiles(
  entries: readonly Entry[],
  { usable, probers, theirs }: Modules,
  problemOf: TlsProblem,
  report: Report,
): string[] {
  const seen = new Map<string, string | undefined>();
  const look = ({ ca, cert, key }: TlsMaterial = {}): string | undefined => {
    if (ca === undefined && cert === undefined && key === undefined) return undefined;
    const material = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
    const id = JSON.stringify(material);
    if (!seen.has(id)) seen.set(id, problemOf(material));
    return seen.get(id);
  };
  for (const { path, target } of entries) {
    const problem = target?.module === undefined ? look(target?.spec.tls) : undefined;
    if (problem !== undefined) report({ path: [...path, 'tls'], message: problem });
  }
  return Array.from(probers.keys()).flatMap((name) => {
    const path: Path = ['modules', name, 'tls'];
    const problem = look(usable.get(name)?.tls);
    if (problem === undefined) return [];
    if (theirs.has(name)) return [`modules.${name}: ${problem}`];
    report({ path, message: problem });
    return [];
  });
}
