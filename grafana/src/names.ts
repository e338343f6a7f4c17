/** What the dashboards are called. Rules, links and bookmarks name the uids: they never change. */
export const UID = {
  overview: 'port-exporter-overview',
  target: 'port-exporter-target',
  exporter: 'port-exporter-exporter',
} as const;

/** What they are found by in Grafana's list. */
export const TAG = 'port-exporter';

/** A variable, never the uid of a data source: the same JSON works in every Grafana. */
export const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };

/**
 * Names of Grafana's palette, which follow the theme. Blue against red and orange stays apart for people who cannot tell red from green;
 * `none` is for plain numbers.
 */
export const COLOR = {
  ok: 'blue',
  warn: 'orange',
  bad: 'red',
  unknown: '#8e8e8e',
  none: 'text',
  mark: 'purple',
} as const;

/** The same phase has the same colour in every panel. */
export const PHASE_COLORS = {
  resolve: 'dark-purple',
  connect: 'blue',
  tls: 'orange',
  handshake: 'dark-green',
} as const;

/** Of HTTP: what both have is as above. */
export const HTTP_PHASE_COLORS = {
  resolve: PHASE_COLORS.resolve,
  connect: PHASE_COLORS.connect,
  tls: PHASE_COLORS.tls,
  processing: PHASE_COLORS.handshake,
  transfer: 'light-blue',
} as const;

/** What a target stands on, the lowest first. */
export const LAYERS = ['port', 'tls', 'service', 'http', 'keyword', 'response_time'] as const;

/** What a probe ended in, as the exporter counts it. */
export const RESULT_COLORS = { success: COLOR.ok, failure: COLOR.bad, exporter_error: COLOR.warn } as const;
