import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/checks/address.ts';
import { parseIp } from '../../src/core/ip.ts';
import { Policy, parseAllowRule } from '../../src/probe/policy.ts';

function endpoint(text: string) {
  const read = parseAddress(text);
  if (!read.ok) throw new Error(read.problem);
  return read.value.endpoint;
}

function policy(rules: readonly string[], configured: readonly string[] = []) {
  const read = rules.map((text) => {
    const rule = parseAllowRule(text);
    if (!rule.ok) throw new Error(rule.problem);
    return rule.value;
  });
  return new Policy(read, configured.map(endpoint));
}

function allowed(
  rules: readonly string[],
  target: string,
  address: string,
  configured: readonly string[] = [],
): boolean {
  const ip = parseIp(address);
  if (ip === undefined) throw new Error(address);
  return policy(rules, configured).allows(endpoint(target), ip);
}

describe('parseAllowRule', () => {
  it.each([
    'configured',
    'any',
    'any:443',
    '10.0.0.0/8',
    '10.0.0.0/8:5432',
    '10.1.2.3',
    '10.1.2.3:5432',
    'fd00::/8',
    '[fd00::/8]:443',
    '::1',
    '[::1]:22',
    '*.internal',
    '*',
    'db-?.example.com:5432',
    'localhost',
    '/run/app.sock',
    '/run/*/app-?.sock',
    '/**',
    '/run/a b:80+(x).sock',
  ])('reads %s', (text) => {
    expect(parseAllowRule(text)).toMatchObject({ ok: true });
  });

  it.each([
    ['', 'is no rule'],
    ['10.0.0.0/33', 'is no rule'],
    ['unix:///run/app.sock', 'the port must be 1 to 65535'],
    ['run/app.sock', 'is no rule'],
    ['/run/\napp.sock', 'is no rule'],
    [`/${'a'.repeat(3000)}`, 'is too long for the path of a Unix socket'],
    ['10.0.0.0/8/8', 'is no rule'],
    ['10.*', 'is no rule'],
    ['10.0.0.?', 'is no rule'],
    ['http://db', 'the port must be 1 to 65535'],
    ['a b', 'is no rule'],
    ['(a+)+', 'is no rule'],
    ['any:0', 'the port must be 1 to 65535'],
    ['any:65536', 'the port must be 1 to 65535'],
    ['*.internal:', 'the port must be 1 to 65535'],
    ['*.internal:http', 'the port must be 1 to 65535'],
    ['[::1', 'is no rule'],
  ])('refuses %j', (text, problem) => {
    expect(parseAllowRule(text)).toEqual({ ok: false, problem: expect.stringContaining(problem) });
  });
});

describe('a host pattern', () => {
  it('matches what its stars and question marks say', () => {
    const piece = fc.constantFrom('a', 'b', '.', '?', '*', 'ab');
    const pattern = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''));
    const host = fc.stringMatching(/^[ab]{1,3}(\.[ab]{1,3}){0,2}$/);
    fc.assert(
      fc.property(pattern, host, (text, name) => {
        const source = text.replaceAll('.', '\\.').replaceAll('?', '[^.]').replaceAll('*', '.*');
        expect(allowed([text], `${name}:1`, '10.0.0.1')).toBe(new RegExp(`^${source}$`).test(name));
      }),
      { numRuns: 1000 },
    );
  });

  it('stays fast for many stars and a name made to slow it down', () => {
    const name = `${'a-'.repeat(30)}a.${'a-'.repeat(30)}a.${'a-'.repeat(30)}a.b`;
    const start = performance.now();
    expect(allowed(['*-*-*-*-*-*-*-*-*-*.internal'], `${name}:1`, '10.0.0.1')).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('a policy', () => {
  it.each([
    { rules: ['configured'], target: 'db:1', address: '10.0.0.1', expected: false },
    { rules: [], target: 'db:1', address: '10.0.0.1', expected: false },
    { rules: ['any'], target: 'db:1', address: '10.0.0.1', expected: true },
    { rules: ['any:2'], target: 'db:1', address: '10.0.0.1', expected: false },
    { rules: ['any:1'], target: 'db:1', address: '10.0.0.1', expected: true },
    { rules: ['10.0.0.0/8'], target: 'db:1', address: '10.0.0.1', expected: true },
    { rules: ['10.0.0.0/8'], target: 'db:1', address: '11.0.0.1', expected: false },
    { rules: ['10.0.0.0/8'], target: 'db:1', address: '::ffff:10.0.0.1', expected: true },
    { rules: ['10.0.0.0/8:5432'], target: 'db:1', address: '10.0.0.1', expected: false },
    { rules: ['*.internal'], target: 'a.b.internal:1', address: '10.0.0.1', expected: true },
    { rules: ['*.internal'], target: 'internal:1', address: '10.0.0.1', expected: false },
    { rules: ['*.internal'], target: 'xinternal:1', address: '10.0.0.1', expected: false },
    { rules: ['*.internal'], target: 'a.internal.evil.com:1', address: '10.0.0.1', expected: false },
    { rules: ['*.INTERNAL'], target: 'a.internal:1', address: '10.0.0.1', expected: true },
    { rules: ['db-?.x:5432'], target: 'db-1.x:5432', address: '10.0.0.1', expected: true },
    { rules: ['db-?.x:5432'], target: 'db-12.x:5432', address: '10.0.0.1', expected: false },
    { rules: ['[fd00::/8]:1'], target: 'db:1', address: 'fd00::5', expected: true },
  ])('$rules on $target at $address: $expected', ({ rules, target, address, expected }) => {
    expect(allowed(rules, target, address)).toBe(expected);
  });

  it('always allows a configured target, on its own port only', () => {
    expect(allowed([], 'db:5432', '10.0.0.1', ['db:5432'])).toBe(true);
    expect(allowed([], 'db:5433', '10.0.0.1', ['db:5432'])).toBe(false);
    expect(allowed([], '[0:0::1]:22', '::1', ['[::1]:22'])).toBe(true);
  });

  it.each(['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', 'fd00:ec2::254', '100.100.100.200'])(
    'keeps %s closed to names and to wide rules',
    (address) => {
      for (const rules of [['any'], ['0.0.0.0/0', '::/0'], ['*'], ['metadata.internal']])
        expect(allowed(rules, 'metadata.internal:80', address), rules.join()).toBe(false);
      expect(allowed([], 'metadata.internal:80', address, ['metadata.internal:80'])).toBe(false);
    },
  );

  it('opens a link-local address to whoever names it: by a rule within the block, or as a configured literal', () => {
    expect(allowed(['169.254.169.254'], '169.254.169.254:80', '169.254.169.254')).toBe(true);
    expect(allowed(['169.254.0.0/16:80'], '169.254.169.254:80', '169.254.169.254')).toBe(true);
    expect(allowed(['169.254.0.0/16:81'], '169.254.169.254:80', '169.254.169.254')).toBe(false);
    expect(allowed([], '169.254.169.254:80', '169.254.169.254', ['169.254.169.254:80'])).toBe(true);
    expect(allowed([], '169.254.169.254:81', '169.254.169.254', ['169.254.169.254:80'])).toBe(false);
  });

  it('says before resolving when no address could ever be allowed', () => {
    expect(policy(['configured']).mayResolve(endpoint('db:1'))).toBe(false);
    expect(policy(['configured'], ['db:1']).mayResolve(endpoint('db:1'))).toBe(true);
    expect(policy(['*.internal']).mayResolve(endpoint('db:1'))).toBe(false);
    expect(policy(['*.internal:2']).mayResolve(endpoint('a.internal:1'))).toBe(false);
    expect(policy(['10.0.0.0/8']).mayResolve(endpoint('db:1'))).toBe(true);
    expect(policy(['any']).mayResolve(endpoint('db:1'))).toBe(true);
  });
});

describe('a rule for the paths of Unix sockets', () => {
  it.each([
    ['/run/app.sock', '/run/app.sock', true],
    ['/run/app.sock', '/run/appxsock', false],
    ['/run/app.sock', '/run/app.sock2', false],
    ['/run/*', '/run/app.sock', true],
    ['/run/*', '/run/a/app.sock', false],
    ['/run/**', '/run/a/app.sock', true],
    ['/run/**/app.sock', '/run/a/b/app.sock', true],
    ['/run/?.sock', '/run/a.sock', true],
    ['/run/?.sock', '/run/ü.sock', true],
    ['/run/a?b', '/run/a/b', false],
    ['/run/(a|b)+.sock', '/run/a.sock', false],
    ['/run/(a|b)+.sock', '/run/(a|b)+.sock', true],
    ['/RUN/app.sock', '/run/app.sock', false],
    ['/', '/run/app.sock', false],
    ['any', '/run/app.sock', false],
    ['*', '/run/app.sock', false],
    ['localhost', '/run/app.sock', false],
  ])('%s and %s: %s', (rule, path, expected) => {
    expect(policy([rule]).allowsName({ host: path, port: 0 })).toBe(expected);
  });

  it('is for no host', () => {
    expect(policy(['/**']).allowsName({ host: 'db.internal', port: 80 })).toBe(false);
    expect(allowed(['/**'], '10.0.0.1:80', '10.0.0.1')).toBe(false);
  });

  it('cannot be made slow by a path', () => {
    const rule = policy([`/${'**a'.repeat(20)}b`]);
    const startedAt = performance.now();
    expect(rule.allowsName({ host: `/${'a'.repeat(106)}`, port: 0 })).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  it('is not needed for what is configured', () => {
    expect(policy([], ['unix:///run/app.sock']).allowsName({ host: '/run/app.sock', port: 0 })).toBe(true);
    expect(policy([], ['unix:///run/app.sock']).allowsName({ host: '/run/app.sock2', port: 0 })).toBe(false);
  });
});
