import { describe, expect, it } from 'vitest';
import { configOf, group, targetOf } from './reading.ts';

describe('a target', () => {
  it('written as an address has every default', () => {
    expect(configOf(group('DB.internal:5432')).targets).toEqual([
      {
        name: 'db.internal:5432',
        address: 'db.internal:5432',
        service: 'postgresql',
        group: 'g',
        severity: 'critical',
        labels: {},
        intervalMs: 60_000,
        failures: 2,
        dependsOn: [],
        spec: {
          endpoint: { host: 'db.internal', port: 5432 },
          timeoutMs: 5000,
          family: { prefer: 4, fallback: true },
        },
      },
    ]);
  });

  it.each([
    ['{address: "h:1"}', 'tcp'],
    ['{address: "h:6379"}', 'redis'],
    ['{address: "h:6379", service: memcached}', 'memcached'],
    ['{address: "redis://h:1"}', 'redis'],
    ['redis://h', 'redis'],
    ['{address: "redis://h", service: redis}', 'redis'],
  ])('%s has the service %s', (target, service) => {
    expect(configOf(group(target)).targets[0]?.service).toBe(service);
  });

  it.each([
    ['', undefined],
    ['tls: false', undefined],
    ['tls: true', {}],
    ['tls: {}', {}],
    ['tls: {server_name: Shop.Internal}', { serverName: 'shop.internal' }],
    ['tls: {server_name: 10.0.0.1}', { serverName: '10.0.0.1' }],
    ['tls: {server_name: "::1"}', { serverName: '::1' }],
    ['service: https', { how: 'direct', judge: 'all' }],
    ['service: http', undefined],
  ])('with %s has the TLS options %j', (tls, expected) => {
    const whole = expected === undefined ? undefined : { how: 'direct', judge: 'all', ...expected };
    expect(configOf(group(`{address: "h:443", ${tls}}`)).targets[0]?.spec.tls).toEqual(whole);
  });

  it.each([
    ['', '', { prefer: 4, fallback: true }],
    ['preferred_ip_protocol: ip6', '', { prefer: 6, fallback: true }],
    ['preferred_ip_protocol: ip6', 'ip_protocol_fallback: false', { prefer: 6, fallback: false }],
    ['ip_protocol_fallback: false', 'preferred_ip_protocol: ip6', { prefer: 6, fallback: false }],
    ['preferred_ip_protocol: ip6', 'preferred_ip_protocol: ip4', { prefer: 4, fallback: true }],
  ])('with defaults {%s} and its own {%s} dials %j', (defaults, own, family) => {
    const text = `defaults: {${defaults}}\n${group(`{address: "h:1", ${own}}`)}`;
    expect(configOf(text).targets[0]?.spec.family).toEqual(family);
  });

  it('has the labels of its group under its own', () => {
    const text = 'groups: [{name: g, labels: {a: x, b: y}, targets: [{address: "h:1", labels: {b: z, location: ""}}]}]';
    expect(targetOf(text, 'h:1').labels).toEqual({ a: 'x', b: 'z', location: '' });
  });

  it('depends on names, however it was written', () => {
    const text = group(
      'db:5432',
      '{name: cache, address: "redis://c"}',
      '{name: shop, address: "s:443", depends_on: [DB:5432, "c:6379", cache]}',
    );
    expect(targetOf(text, 'shop').dependsOn).toEqual(['db:5432', 'cache']);
  });
});

describe('warnings', () => {
  it('tell of a critical target that depends on one of severity warning', () => {
    const text = group(
      '{name: db, address: "db:1", severity: warning}',
      '{name: shop, address: "s:1", depends_on: [db]}',
      '{name: blog, address: "b:1", severity: warning, depends_on: [db]}',
    );
    expect(configOf(text).warnings).toEqual([expect.stringContaining('(db <- shop)')]);
  });

  it('have the place of YAML that is odd but readable', () => {
    expect(configOf(group('!name h:1')).warnings).toEqual([
      'c.yml:4:9: has a tag that is not known here: put a text that begins with "!" in quotes',
    ]);
  });

  it('are none for a plain file', () => {
    expect(configOf(group('h:1', 'h:443')).warnings).toEqual([]);
  });
});

describe('a configuration', () => {
  it('cannot be changed', () => {
    const { targets, ...config } = configOf(
      group('{address: "h:1", labels: {a: b}, tls: true}', '{address: "i:1", depends_on: [h:1]}'),
    );
    const [first, second] = targets;
    for (const part of [
      targets,
      config.warnings,
      first,
      first?.labels,
      first?.spec,
      first?.spec.endpoint,
      first?.spec.family,
      first?.spec.tls,
      second,
      second?.dependsOn,
    ])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it.each([
    'groups:\n',
    'groups: []\n',
    'defaults:\n',
    'probe:\n',
    'modules:\n',
    'groups: [{name: g, labels: , targets: }]\n',
  ])('takes a section without content (%j) as not written', (section) => {
    expect(configOf(`${section}discover: {local: true}`, ['127.0.0.1:1']).targets).toHaveLength(1);
  });

  it('of ten thousand targets loads in seconds, not minutes', () => {
    const text = group(
      ...Array.from(
        { length: 10_000 },
        (_, i) => `{name: t${i}, address: "h${i}:80", depends_on: [t${Math.max(1, i) - 1}]}`,
      ).slice(1),
      '{name: t0, address: "h:1"}',
    );
    const start = performance.now();
    expect(configOf(text).targets).toHaveLength(10_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  }, 30_000);
});
