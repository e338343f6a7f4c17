import { type Phase, ProbeFailure, type Reason } from '../core/reason.ts';

/** Faults of the exporter's own machine that pass: too few file descriptors, local ports, buffers or memory. */
const PASSING_FAULTS = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/**
 * A firewall on the way says that it forbids the connection (Linux makes EACCES of ICMPv6's codes 1, 5 and 6, ENOPROTOOPT and EPROTO of
 * others), or a policy of this machine does (EPERM of eBPF: Cilium for a service without pods). Over IPv4 the same is EHOSTUNREACH.
 * Source: Linux, net/ipv6/icmp.c, tab_unreach.
 */
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'ENOPROTOOPT', 'EPROTO']);

const BY_CODE: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'connection_refused',
  // A Unix socket that is not there, or whose path has something else at its end or on its way.
  ENOENT: 'connection_refused',
  ENOTDIR: 'connection_refused',
  ENOTSOCK: 'connection_refused',
  EPROTOTYPE: 'connection_refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'host_unreachable',
  EHOSTDOWN: 'host_unreachable',
  ENETUNREACH: 'network_unreachable',
  ENETDOWN: 'network_unreachable',
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'closed_early',
  ENOTFOUND: 'dns_not_found',
  ENODATA: 'dns_not_found',
  ENONAME: 'dns_not_found',
  // No name at all, such as a..b: no resolver was asked for it.
  EBADNAME: 'dns_not_found',
  ETIMEOUT: 'dns_timeout',
  EAI_AGAIN: 'dns_failure',
  ESERVFAIL: 'dns_failure',
  EREFUSED: 'dns_failure',
  CERT_HAS_EXPIRED: 'tls_certificate_expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_hostname_mismatch',
};

/** Whether an error is the exporter's own and may pass when tried again. */
export function isExporterFault(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && PASSING_FAULTS.has(code);
}

/** Whether the process or the machine has no file descriptor left. */
export function isOutOfFiles(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'EMFILE' || code === 'ENFILE';
}

/**
 * The reason of an error, by its type and code, through `cause`, never by its text. What the phase makes of a code: in phase resolve
 * any other error is the resolver's, in phase tls any other one is TLS's; elsewhere an unknown code is not blamed on the target.
 */
export function classify(error: unknown, phase: Phase): Reason {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof ProbeFailure) return at.reason;
    const reason =
      byCode(codeOf(at), phase) ?? (phase !== 'resolve' && isForbidden(at) ? 'host_unreachable' : undefined);
    if (reason !== undefined) return reason;
  }
  if (phase === 'resolve') return 'dns_failure';
  return phase === 'tls' ? 'tls_handshake_failed' : 'exporter_error';
}

/** What is wrong at the path of a Unix socket. */
const AT_SOCKETS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens on the socket, or it is another file',
  ENOENT: 'there is no such socket',
  ENOTDIR: 'there is no such socket, something on its path is no directory',
  ENOTSOCK: 'it is no socket',
  EPROTOTYPE: 'it is a socket of another kind, such as one for datagrams',
};

/** An error in words. OpenSSL's own have source files and line numbers in them; its reason is what they say. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { reason, address } = error as { readonly reason?: unknown; readonly address?: unknown };
  const atSocket = typeof address === 'string' && address.startsWith('/') ? AT_SOCKETS[codeOf(error) ?? ''] : undefined;
  if (atSocket !== undefined) return `${atSocket}: ${error.message}`;
  if (isForbidden(error)) return `forbidden by a firewall on the way, or by a policy of this machine: ${error.message}`;
  return codeOf(error)?.startsWith('ERR_SSL_') && typeof reason === 'string' ? `TLS: ${reason}` : error.message;
}

/** Only what a network answers: a Unix socket, a file or a program is forbidden by this machine. */
function isForbidden(error: Error): boolean {
  const { address, syscall = '' } = error as NodeJS.ErrnoException & { readonly address?: string };
  const isOfNetwork = /^(?:connect|read|write|send|recv)/.test(syscall) && address?.startsWith('/') !== true;
  return isOfNetwork && FORBIDDEN.has(codeOf(error) ?? '');
}

function byCode(code: string | undefined, phase: Phase): Reason | undefined {
  if (code === undefined) return undefined;
  if (PASSING_FAULTS.has(code)) return 'exporter_error';
  // ECONNREFUSED of the resolver says nothing about the target.
  if (phase === 'resolve' && code === 'ECONNREFUSED') return 'dns_failure';
  // What OpenSSL complains of, and what the peer's own alerts say, whenever they come.
  return BY_CODE[code] ?? (code.startsWith('ERR_SSL_') ? 'tls_handshake_failed' : undefined);
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
