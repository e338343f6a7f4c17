/** Who listens where; the network namespace is ours alone, so fixed numbers are safe. */
export const PORTS = { target: 20_000, blackbox: 20_001, exporter: 20_002, watchedExporter: 20_003 } as const;

/** Kept away from outgoing connections, which use every other port. */
export const RESERVED_PORTS = '20000-20099';
