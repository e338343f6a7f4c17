import { compilePattern } from '../checks/dialogue-pattern.ts';
import { type Endpoint, formatEndpoint, type Parsed } from '../core/endpoint.ts';
import {
  type Cidr,
  cidrContains,
  type IpAddress,
  isMetadataAddress,
  isMetadataBlock,
  parseCidr,
  parseIp,
} from '../core/ip.ts';
import type { Failure } from '../core/result.ts';

/** One line of probe.allow. A rule without `port` allows every port. */
export type AllowRule =
  | { readonly kind: 'configured' }
  | { readonly kind: 'any'; readonly port?: number }
  | { readonly kind: 'cidr'; readonly block: Cidr; readonly port?: number }
  | { readonly kind: 'host'; readonly pattern: RegExp; readonly port?: number }
  | { readonly kind: 'path'; readonly fits: (path: string) => boolean; readonly port?: never };

const FORM =
  'write configured, any, an address block such as 10.0.0.0/8, or a host pattern such as *.internal, each optionally with :port, or the path of a Unix socket';

/** Reads one line of probe.allow. */
export function parseAllowRule(text: string): Parsed<AllowRule> {
  const { body, port } = text.startsWith('/') ? { body: text, port: undefined } : splitPort(text);
  if (port === 'bad') return { ok: false, problem: `"${text}": the port must be 1 to 65535` };
  const withPort = port === undefined ? {} : { port };
  // Configured targets are always allowed, on the ports they are configured with.
  if (body === 'configured') return { ok: true, value: { kind: 'configured' } };
  if (body === 'any') return { ok: true, value: { kind: 'any', ...withPort } };
  const block = parseCidr(body);
  if (block !== undefined) return { ok: true, value: { kind: 'cidr', block, ...withPort } };
  const isPath = body.startsWith('/') && !/\p{Cc}/u.test(body);
  if (!isPath && (!/^[a-z0-9_*?.-]+$/i.test(body) || looksLikeBlock(body)))
    return { ok: false, problem: `"${text}" is no rule: ${FORM}` };
  if (isPath) return pathRule(text);
  return { ok: true, value: { kind: 'host', pattern: glob(body.toLowerCase()), ...withPort } };
}

/** A misspelt block, or one with a wildcard: "10.*" as a pattern would let through names such as 10.example.com. */
function looksLikeBlock(text: string): boolean {
  return /^[\d./*?]*\d[\d./*?]*$/.test(text);
}

function splitPort(text: string): { body: string; port: number | undefined | 'bad' } {
  if (parseCidr(text) !== undefined) return { body: text, port: undefined };
  const found = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(.*))?$/.exec(text);
  if (found === null) return { body: text, port: undefined };
  const body = found[1] ?? found[2] ?? '';
  if (found[3] === undefined) return { body, port: undefined };
  const port = /^\d{1,5}$/.test(found[3]) ? Number(found[3]) : 0;
  return { body, port: port >= 1 && port <= 65535 ? port : 'bad' };
}

/**
 * A pattern with `*` (anything) and `?` (one character of a label). What stands between two stars is taken at its first place and not
 * tried again elsewhere, a lookahead being over once it has matched: a long name from a stranger cannot make this slow.
 */
function glob(pattern: string): RegExp {
  const [first = '', ...others] = pattern
    .split(/\*+/)
    .map((part) => part.replaceAll('.', '\\.').replaceAll('?', '[^.]'));
  const last = others.pop();
  if (last === undefined) return new RegExp(`^${first}$`);
  const middle = others.map((part, i) => `(?=(.*?${part}))\\${i + 1}`).join('');
  return new RegExp(`^${first}${middle}.*${last}$`);
}

/** The same for the paths of Unix sockets: `*` and `?` stay within a directory, `**` does not. RE2 is not slow, whatever the path. */
function pathRule(text: string): Parsed<AllowRule> {
  const quoted = text.replace(/[\\^$.|+()[\]{}]/g, '\\$&').replaceAll('?', '[^/]');
  const pattern = compilePattern(`^${quoted.replace(/\*+/g, (stars) => (stars.length > 1 ? '.*' : '[^/]*'))}$`);
  if (!pattern.ok) return { ok: false, problem: `"${text.slice(0, 80)}..." is too long for the path of a Unix socket` };
  return { ok: true, value: { kind: 'path', fits: (path) => pattern.value.find(Buffer.from(path)) !== undefined } };
}

/** `what`, which the endpoint stands for, may not be probed. */
export function denied(what: string, { port }: Endpoint): Failure {
  const detail = `probe.allow does not list ${what}${port === 0 ? '' : `, port ${port}`}`;
  return { reason: 'policy_denied', phase: 'resolve', detail };
}

/**
 * Who may be probed. Judged on the address about to be dialled, so that a name cannot be pointed elsewhere between check and use.
 * Configured targets are always allowed; link-local and other metadata addresses only when a rule or a configured literal names them.
 */
export class Policy {
  readonly #rules: readonly AllowRule[];
  readonly #configured: ReadonlySet<string>;
  /** Verdicts on literal endpoints, which cannot change. */
  readonly #literals = new WeakMap<Endpoint, boolean>();

  constructor(rules: readonly AllowRule[], configured: Iterable<Endpoint>) {
    this.#rules = rules;
    this.#configured = new Set(Array.from(configured, formatEndpoint));
  }

  /** Whether resolving the host can lead anywhere: false when no rule could ever allow what it resolves to. */
  mayResolve(endpoint: Endpoint): boolean {
    if (this.#configured.has(formatEndpoint(endpoint))) return true;
    return this.#rules.some(
      (rule) => portFits(rule, endpoint.port) && (rule.kind === 'cidr' || nameFits(rule, endpoint.host)),
    );
  }

  /** Whether what has no address here may be reached: a Unix socket, or a host that a proxy looks up. Only its name can be judged. */
  allowsName(endpoint: Endpoint): boolean {
    if (this.#configured.has(formatEndpoint(endpoint))) return true;
    return this.#rules.some((rule) => portFits(rule, endpoint.port) && nameFits(rule, endpoint.host));
  }

  /** Whether the address, reached through this endpoint, may be dialled. */
  allows(endpoint: Endpoint, address: IpAddress): boolean {
    if (endpoint.host !== address.text) return this.#judge(endpoint, address);
    const known = this.#literals.get(endpoint);
    if (known !== undefined) return known;
    const verdict = this.#judge(endpoint, address);
    this.#literals.set(endpoint, verdict);
    return verdict;
  }

  #judge(endpoint: Endpoint, address: IpAddress): boolean {
    const configured = this.#configured.has(formatEndpoint(endpoint));
    if (isMetadataAddress(address)) {
      const literal = configured && parseIp(endpoint.host) !== undefined;
      return literal || this.#rules.some((rule) => namesMetadata(rule, address) && portFits(rule, endpoint.port));
    }
    return (
      configured || this.#rules.some((rule) => portFits(rule, endpoint.port) && fits(rule, endpoint.host, address))
    );
  }
}

function portFits(rule: AllowRule, port: number): boolean {
  return rule.kind !== 'configured' && (rule.port === undefined || rule.port === port);
}

/** No rule for names lets anybody at the sockets of this machine. */
function nameFits(rule: AllowRule, host: string): boolean {
  if (host.startsWith('/')) return rule.kind === 'path' && rule.fits(host);
  return rule.kind === 'any' || (rule.kind === 'host' && rule.pattern.test(host));
}

function fits(rule: AllowRule, host: string, address: IpAddress): boolean {
  return rule.kind === 'cidr' ? cidrContains(rule.block, address) : nameFits(rule, host);
}

function namesMetadata(rule: AllowRule, address: IpAddress): boolean {
  return rule.kind === 'cidr' && isMetadataBlock(rule.block) && cidrContains(rule.block, address);
}
