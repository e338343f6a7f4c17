import type { Address } from '../core/endpoint.ts';
import type { Part } from './parts.ts';
import { formatPath, type Path } from './path.ts';
import type { Report } from './problems.ts';
import type { TARGET } from './schema.ts';

/** An entry whose port should be closed, and where that is written. */
export type ClosedEntry = {
  readonly entry: Part<typeof TARGET>;
  readonly address: Address;
  readonly path: Path;
  readonly writtenAt: Path;
  readonly report: Report;
};

/** What is only for a port that is open. */
const OPEN_ONLY = ['check', 'options', 'checks', 'module', 'tls', 'depends_on'] as const;
const WHY: Readonly<Partial<Record<(typeof OPEN_ONLY)[number], string>>> = {
  depends_on: 'what is down keeps a port closed, it opens none',
};
const ONLY_CONNECT = 'a port that should be closed is only connected to';

/** Complains about what does not go with a port that should be closed. */
export function refuseBesideClosed({ entry, address, path, writtenAt, report }: ClosedEntry): void {
  const where = writtenAt.length === path.length + 1 ? '' : ` (${formatPath(writtenAt)})`;
  for (const key of OPEN_ONLY) {
    if (!saysMore(entry, key)) continue;
    const message = `does not go with expect: closed${where}: ${WHY[key] ?? ONLY_CONNECT}`;
    report({ path: [...path, key], at: 'key', message });
  }
  if (address.endpoint.port === 0)
    report({ path: [...path, 'address'], message: 'has no port that could be closed: write expect: open, or a port' });
}

/** Whether the key says something that a connect does not do anyway. */
function saysMore(entry: Part<typeof TARGET>, key: (typeof OPEN_ONLY)[number]): boolean {
  const written = entry[key];
  if (written === undefined || written === null || written === false || written === 'connect') return false;
  return !Array.isArray(written) || written.length > 0;
}
