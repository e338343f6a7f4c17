import type { ProbeResult } from '../core/result.ts';

/** What the peer said of itself, as far as it came. */
export type Said = Pick<ProbeResult, 'tls' | 'service' | 'samples' | 'notes'>;

/** The same of a talk, where there was one; nothing that is empty. */
export function saidIn({ service, samples, notes }: Said = {}, tls: Said['tls']): Said {
  return {
    ...(tls && { tls }),
    ...(service && Object.keys(service).length > 0 && { service }),
    ...(samples && samples.length > 0 && { samples }),
    ...(notes && notes.length > 0 && { notes }),
  };
}
