import { describe, expect, test } from 'vitest';
import type { TlsAbility } from '../../src/checks/check.ts';
import { CHECKS, SERVICES } from '../../src/checks/registry.ts';
import { optionNames } from '../../src/config/options.ts';
import { codes, page, table } from './pages.ts';

const text = page('docs/services.md');

/** TLS as the page tells it. */
function tlsOf({ direct, starttls, unasked, privateAuthority }: TlsAbility): string {
  const byItself = { direct: 'always', offered: 'where the server offers it', none: '' }[unasked ?? 'none'];
  const ways = [direct && unasked !== 'direct' ? '`true`' : '', starttls ? '`starttls`' : ''];
  const trust = privateAuthority ? 'trust judged with `ca_file`' : '';
  return [byItself, ...ways, trust].filter((part) => part !== '').join(', ') || 'none';
}

describe('docs/services.md', () => {
  test('lists every service with its ports, what proves it, and its TLS, and no other', () => {
    const rows = table(text, 'service').map(([name = '', ports = '', proof = '', tls = '']) => ({
      name: codes(name)[0],
      ports: ports === '' ? [] : ports.split(', ').map(Number),
      proof,
      tls,
    }));
    expect(rows).toEqual(
      SERVICES.map(({ name, ports, check, form }) => ({
        name,
        ports,
        proof: check?.summary ?? `no dialogue: ${form === 'path' ? 'a connect to a Unix socket' : 'a TCP connect'}`,
        tls: tlsOf(check?.tls ?? { direct: true }),
      })),
    );
  });

  test('lists every option, and no other', () => {
    const rows = table(text, 'option of').map(
      ([service = '', option = '']) => `${codes(service)[0]} ${codes(option)[0]}`,
    );
    const known = CHECKS.flatMap((check) => optionNames(check).map((option) => `${check.name} ${option}`));
    expect(rows.toSorted()).toEqual(known.toSorted());
  });

  test('says of every check what it leaves behind', () => {
    const rows = table(text, 'left behind by').flatMap(([services = '']) => codes(services));
    expect(rows.toSorted()).toEqual(CHECKS.map(({ name }) => name).toSorted());
  });
});
