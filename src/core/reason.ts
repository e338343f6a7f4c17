/** Where in a probe something happened, in the order in which phases run. */
export const PHASES = ['resolve', 'connect', 'tls', 'handshake'] as const;
export type Phase = (typeof PHASES)[number];

/** Every reason a probe can fail for, with the one line that tells the operator where to look. Public: rules, dashboards and alerts use these names. */
export const REASONS = {
  dns_not_found: 'the name does not exist: check the spelling, the DNS zone and the search domains',
  dns_failure: 'the resolver refused or failed: check the DNS servers of this machine',
  dns_timeout: 'the resolver did not answer in time: check that the DNS servers are reachable from this machine',
  connection_refused:
    'the host answered, nothing listens on the port: the service crashed, was not started, or listens elsewhere',
  timeout:
    'no answer: in phase connect a firewall drops packets or the host is down; in a later phase the service hangs',
  host_unreachable: 'no way to the host: it is down, or routing to it is broken',
  network_unreachable: 'this machine has no route to that network: check routes and interfaces here',
  unexpectedly_open:
    'a port that should be closed accepts connections: who opened it, and why does the firewall let it through',
  connection_reset: 'the connection was cut: a firewall or proxy in between, or the service dropped it',
  closed_early: 'the service accepted and hung up at once: it is overloaded, restarting, or refuses this client',
  tls_handshake_failed:
    'TLS could not be agreed: no TLS on that port, other versions or ciphers, or a client certificate is required',
  tls_certificate_expired: 'the certificate has expired: renew it and reload the service',
  tls_certificate_untrusted: 'the certificate is not signed by an authority that this machine trusts',
  tls_hostname_mismatch: 'the certificate is for another name: check the server name and the certificate',
  unexpected_response: 'something else answers there, or the answer is wrong',
  service_unavailable: 'the service says itself that it is not able: starting up, loading, or too many connections',
  http_status: 'HTTP answered with another status than expected',
  content_mismatch: 'the answer does not have the expected content',
  too_slow:
    'it answered as expected, but slower than its maximum response time: look at its load and at what it waits for',
  policy_denied: 'the target policy refuses the address: list it under probe.allow if it may be probed',
  exporter_error:
    'the exporter itself could not probe: check its limits of open files, local ports and memory, and its TLS files',
} as const satisfies Record<string, string>;

export type Reason = keyof typeof REASONS;

/** Thrown below the probe floor by whoever knows the reason. The phase is known to the probe that catches it. */
export class ProbeFailure extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'ProbeFailure';
    this.reason = reason;
  }
}
