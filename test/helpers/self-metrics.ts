import { SelfMetrics } from '../../src/exposition/self.ts';

/** The metrics of an exporter that has nothing to do, one sample in each family. */
export function selfMetrics(): SelfMetrics {
  return new SelfMetrics({
    version: '0',
    targets: () => 0,
    inFlight: () => 0,
    probeResults: () => ({ success: 1 }),
    probeFailures: () => ({ timeout: 1 }),
    staleAddresses: () => 0,
    lostLogLines: () => 0,
    lastReloadSuccessful: () => true,
    lastReloadSuccessAt: () => 0,
    coverage: async () => ({ unmonitored: 1, listed: [{ address: '127.0.0.1:1', process: 'x' }], silent: 0 }),
  });
}
