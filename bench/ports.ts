/** Who listens where; the network namespace is ours alone, so fixed numbers are safe. */
export const PORTS = {
  target: 20_000,
  blackbox: 20_001,
  exporter: 20_002,
  watchedExporter: 20_003,
  /** Nobody listens there. */
  closed: 20_004,
  flapping: 20_005,
  http: 20_006,
  tls: 20_007,
} as const;

/** Kept away from outgoing connections, which use every other port. */
export const RESERVED_PORTS = '20000-20099';
