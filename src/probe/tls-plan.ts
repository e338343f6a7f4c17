import type { Check, TlsAbility } from '../checks/check.ts';
import type { TlsWish } from '../checks/talk.ts';
import type { Parsed } from '../core/endpoint.ts';
import type { TlsMaterial } from '../net/authorities.ts';
import { startsInTls, type TlsSpec } from './spec.ts';

/** What somebody wrote of TLS: false, or true (no keys), `starttls`, or more. Undefined instead of it: not a word. */
export type TlsWritten =
  | false
  | (TlsMaterial & { readonly how?: 'starttls'; readonly serverName?: string; readonly skipVerify?: boolean });

/** A plain connect: TLS from the first byte where that is written. */
const CONNECT: TlsAbility = { direct: true };

/**
 * How a check (undefined: a plain connect) is to speak TLS, given what somebody wrote of it, if anything: undefined for not at all. Says
 * what would be right when the service cannot do what is written.
 */
export function planTls(
  check: Pick<Check, 'name' | 'tls'> | undefined,
  written: TlsWritten | undefined,
): Parsed<TlsSpec | undefined> {
  const ability = check?.tls ?? CONNECT;
  if (written === false) return { ok: true, value: undefined };
  if (written === undefined) return { ok: true, value: unasked(ability) };
  const { how: asked, skipVerify, ...rest } = written;
  const how = asked ?? (ability.direct ? 'direct' : 'starttls');
  if (how === 'starttls' && !ability.starttls) return { ok: false, problem: noStartTls(check) };
  return { ok: true, value: Object.freeze({ how, judge: skipVerify ? 'nothing' : 'all', ...rest }) };
}

function unasked({ unasked: how, privateAuthority }: TlsAbility): TlsSpec | undefined {
  if (how === undefined) return undefined;
  // Whom to trust nobody said; that an expired certificate is wrong is true whomever one trusts.
  const judge = how === 'offered' || privateAuthority ? 'expiry' : 'all';
  return Object.freeze({ how, judge });
}

function noStartTls(check: Pick<Check, 'name' | 'tls'> | undefined): string {
  if (check === undefined) return 'starttls needs a service whose way to TLS is known: a plain connect has only true';
  return check.tls.direct
    ? `${check.name} has no STARTTLS, it speaks TLS from the first byte: write tls: true`
    : `${check.name} has no TLS: remove tls`;
}

/** What of TLS a dialogue begins with; `connected`: it goes over a connection, its own one included. */
export function tlsWish(tls: TlsSpec | undefined, connected: boolean): TlsWish {
  if (tls === undefined || !connected || tls.how === 'later') return 'no';
  if (startsInTls(tls)) return 'in tls';
  return tls.how === 'offered' ? 'if offered' : 'wanted';
}
