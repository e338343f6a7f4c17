import { describe, expect, it } from 'vitest';
import type { TlsAbility } from '../../src/checks/check.ts';
import { planTls, type TlsWritten } from '../../src/probe/tls-plan.ts';

const PLAIN: TlsAbility = {};
const DIRECT: TlsAbility = { direct: true };
const STARTTLS: TlsAbility = { starttls: true };
const BOTH: TlsAbility = { direct: true, starttls: true };
const TLS_SERVICE: TlsAbility = { direct: true, unasked: 'direct' };
const PRIVATE: TlsAbility = { direct: true, unasked: 'direct', privateAuthority: true };
const OFFERED: TlsAbility = { starttls: true, unasked: 'offered' };
const CA = { file: '/ca.pem' };

const ALL = { how: 'direct', judge: 'all' };
const ALL_STARTTLS = { how: 'starttls', judge: 'all' };

describe('TLS of a check', () => {
  it.each<[what: string, TlsAbility, TlsWritten | undefined, unknown]>([
    ['nothing written, a service without default', DIRECT, undefined, undefined],
    ['nothing written, a TLS service', TLS_SERVICE, undefined, ALL],
    ['nothing written, a service of private authorities', PRIVATE, undefined, { how: 'direct', judge: 'expiry' }],
    ['nothing written, TLS where offered', OFFERED, undefined, { how: 'offered', judge: 'expiry' }],
    ['false, a TLS service', TLS_SERVICE, false, undefined],
    ['false, TLS where offered', OFFERED, false, undefined],
    ['false, a service without TLS', PLAIN, false, undefined],
    ['true, direct', DIRECT, {}, ALL],
    ['true, both', BOTH, {}, ALL],
    ['true, only STARTTLS', STARTTLS, {}, ALL_STARTTLS],
    ['true, TLS where offered', OFFERED, {}, ALL_STARTTLS],
    ['true, a service of private authorities', PRIVATE, {}, ALL],
    ['starttls, both', BOTH, { how: 'starttls' }, ALL_STARTTLS],
    ['an authority, a service of private authorities', PRIVATE, { ca: CA }, { ...ALL, ca: CA }],
    ['not verified', DIRECT, { skipVerify: true }, { how: 'direct', judge: 'nothing' }],
    ['verified in so many words', DIRECT, { skipVerify: false }, ALL],
    ['a server name', STARTTLS, { serverName: 'mail.example' }, { ...ALL_STARTTLS, serverName: 'mail.example' }],
  ])('%s', (_, tls, written, expected) => {
    expect(planTls({ name: 's', tls }, written)).toEqual({ ok: true, value: expected });
  });

  it.each<[TlsWritten | undefined, unknown]>([
    [undefined, undefined],
    [false, undefined],
    [{}, ALL],
  ])('of a plain connect is as written: %o', (written, expected) => {
    expect(planTls(undefined, written)).toEqual({ ok: true, value: expected });
  });

  it.each<[what: string, TlsAbility | undefined, TlsWritten, string]>([
    ['true, no TLS', PLAIN, {}, 's has no TLS: remove tls'],
    ['starttls, no TLS', PLAIN, { how: 'starttls' }, 's has no TLS: remove tls'],
    [
      'starttls, direct only',
      DIRECT,
      { how: 'starttls' },
      's has no STARTTLS, it speaks TLS from the first byte: write tls: true',
    ],
    [
      'starttls, plain connect',
      undefined,
      { how: 'starttls' },
      'starttls needs a service whose way to TLS is known: a plain connect has only true',
    ],
  ])('cannot be: %s', (_, tls, written, problem) => {
    expect(planTls(tls && { name: 's', tls }, written)).toEqual({ ok: false, problem });
  });
});
