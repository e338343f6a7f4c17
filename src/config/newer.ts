const REASON = 'is of a newer blackbox_exporter and not supported: remove it';

/** Keys that blackbox_exporter got, or is about to get, after the version whose modules are read here. */
export const NEWER: Readonly<Record<string, string>> = {
  pinned_public_key_hashes: REASON,
  check_revoked: REASON,
  valid_tls_alert_codes: REASON,
};
