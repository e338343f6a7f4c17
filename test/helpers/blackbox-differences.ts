/** Families that blackbox_exporter and this exporter do not show alike, in which cases, and why. */
export type Difference = {
  readonly family: RegExp;
  readonly of: RegExp;
  /** The same as a row of the table in docs/blackbox.md. */
  readonly row: readonly [families: string, where: string, why: string];
};

const UNVERIFIED = /: (nobody trusts it|another name|expired)$/;
const NEWER = 'newer than blackbox_exporter 0.23';

export const DIFFERENCES: readonly Difference[] = [
  {
    family: /^probe_failure_info$/,
    of: /^/,
    row: ['`probe_failure_info`', 'every probe that fails', 'blackbox_exporter tells why in its log only'],
  },
  {
    family: /^probe_tcp_duration_seconds$/,
    of: /^/,
    row: ['`probe_tcp_duration_seconds`', 'every probe', 'the phases of all probes under one name'],
  },
  { family: /^probe_timeout_seconds$/, of: /^/, row: ['`probe_timeout_seconds`', 'every probe', NEWER] },
  {
    family: /^probe_failed_due_to_bytes$/,
    of: /^tcp/,
    row: ['`probe_failed_due_to_bytes`', '`tcp`', `goes with \`expect_bytes\`: ${NEWER}`],
  },
  {
    family: /^probe_failed_due_to_cel$/,
    of: /^http/,
    row: ['`probe_failed_due_to_cel`', '`http`', `goes with CEL: ${NEWER}`],
  },
  { family: /^probe_tls_cipher_info$/, of: /^(https|tcp|grpc)/, row: ['`probe_tls_cipher_info`', 'TLS', NEWER] },
  {
    family: /^probe_ssl_last_chain_info$/,
    of: /^(https|tcp|grpc)/,
    row: ['`probe_ssl_last_chain_info`', 'TLS', `has the label \`serialnumber\`: ${NEWER}`],
  },
  {
    family: /^probe_(ssl|tls)_/,
    of: UNVERIFIED,
    row: [
      '`probe_ssl_*`, `probe_tls_*`',
      'a certificate that will not do',
      'there all the same: when it has expired, and whose it is, is what one wants to know then',
    ],
  },
  {
    family: /^probe_ssl_last_chain_expiry_timestamp_seconds$/,
    of: /: not verified$/,
    row: [
      '`probe_ssl_last_chain_expiry_timestamp_seconds`',
      '`insecure_skip_verify`',
      'the expiry, where blackbox_exporter has the year 1',
    ],
  },
  {
    family: /^probe_(dns_lookup_time_seconds|ip_addr_hash|ip_protocol)$/,
    of: /: no such name$/,
    row: [
      '`probe_dns_lookup_time_seconds`, `probe_ip_addr_hash`, `probe_ip_protocol`',
      'a name that cannot be resolved',
      'absent: there is no address; blackbox_exporter has 0',
    ],
  },
  {
    family: /^probe_ssl_earliest_cert_expiry$/,
    of: /^grpc: [^:]*$/,
    row: [
      '`probe_ssl_earliest_cert_expiry`',
      '`grpc` without TLS',
      'absent: there is no certificate; blackbox_exporter has 0',
    ],
  },
  {
    family: /^probe_ssl_last_chain_expiry_timestamp_seconds$/,
    of: /^grpc: in TLS$/,
    row: ['`probe_ssl_last_chain_expiry_timestamp_seconds`', '`grpc` in TLS', 'there as for every other prober'],
  },
  {
    family: /^probe_(success|http_(status_code|version|content_length|uncompressed_body_length))$/,
    of: /^http: a broken head: /,
    row: [
      '`probe_success`, `probe_http_*`',
      '`http`, a head with an empty `Content-Length`, the same one twice, a space before a colon, or a version such as HTTP/7.3',
      'down (`unexpected_response`); blackbox_exporter takes it for HTTP',
    ],
  },
];
