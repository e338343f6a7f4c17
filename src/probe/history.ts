import { isExporterError, type ProbeResult } from '../core/result.ts';

/** What became of one probe. `fault`: the exporter's own, which says nothing of the target. */
export type Outcome = 'up' | 'down' | 'fault';

/** As many as a glance takes in. */
const HISTORY_LENGTH = 50;
const CODES: readonly Outcome[] = ['up', 'down', 'fault'];

/** The outcomes of the last probes of one target: a byte each, as there are thousands of targets. */
export class History {
  readonly #ring = new Uint8Array(HISTORY_LENGTH);
  #count = 0;

  add(result: ProbeResult): void {
    const outcome = result.failure === undefined ? 'up' : isExporterError(result) ? 'fault' : 'down';
    this.#ring[this.#count++ % HISTORY_LENGTH] = CODES.indexOf(outcome);
  }

  /** Oldest first; fewer than HISTORY_LENGTH until there were so many. */
  get outcomes(): readonly Outcome[] {
    const known = Math.min(this.#count, HISTORY_LENGTH);
    return Array.from({ length: known }, (_, i) => {
      return CODES[this.#ring[(this.#count - known + i) % HISTORY_LENGTH] ?? 0] ?? 'up';
    });
  }
}
