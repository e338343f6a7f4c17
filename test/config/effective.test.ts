import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Tree, writeYaml } from '../../src/config/yaml.ts';
import { configOf, group } from './reading.ts';

describe('the effective configuration', () => {
  it('has every default written out', () => {
    expect(configOf(group('h:22')).effective).toBe(`defaults:
  interval: 1m
  timeout: 5s
  failures: 2
  severity: critical
  preferred_ip_protocol: ip4
  ip_protocol_fallback: true
groups:
  - name: g
    targets:
      - name: h:22
        address: h:22
        service: ssh
        check: connect
        preferred_ip_protocol: ip4
        ip_protocol_fallback: true
        expect: open
        interval: 1m
        timeout: 5s
        failures: 2
        severity: critical
        labels: {}
        depends_on: []
discover:
  local: false
  report: false
maintenance: []
probe:
  allow:
    - configured
modules: {}
`);
  });

  it.each([
    'modules: {m: {prober: tcp, timeout: 1.5s}, n: {prober: http}}',
    group(
      'redis://a',
      '{address: "postgresql://b", options: {user: x}, tls: false}',
      '{address: "postgresql://c", tls: {ca_file: x.pem, min_version: TLS13}}',
      '{address: "smtp://d", tls: starttls}',
      '{address: "smtp://e", tls: {starttls: true, insecure_skip_verify: true}}',
      'kubernetes://f',
      '{address: "kubernetes://g", tls: {ca_file: x.pem}}',
      '{name: h, address: "h:3306"}',
      '{name: i, address: "h:3306", service: tcp}',
      '{address: "h:1", module: redis}',
    ),
    'discover: {local: true}\nprobe: {allow: [any, "*.internal:80"]}',
    `defaults: {preferred_ip_protocol: ip6, severity: warning}\ndiscover: {local: true}\n${group('"[::1]:23"', '{name: "yes", address: "h:1", labels: {a: "5", b: "x: y"}, tls: {server_name: x}}', '{name: "a \'b\' \\"c\\"", address: "h:2", tls: true, depends_on: ["yes"]}')}  - name: local\n    network: vpn\n    targets: [h:3]`,
  ])('can be loaded and means the same: %j', (text) => {
    const first = configOf(text, ['127.0.0.1:22']);
    const second = configOf(first.effective, ['127.0.0.1:22']);
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect([...second.targets].sort(byName)).toEqual([...first.targets].sort(byName));
    expect(second.modules).toEqual(first.modules);
    expect(second.policy).toEqual(first.policy);
    expect(configOf(second.effective).effective).toBe(second.effective);
  });
});

describe('writeYaml', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }).filter((text) => !/\p{Cs}/u.test(text)),
    fc.constantFrom(
      'yes',
      'null',
      '1:30',
      '0x1',
      '1e3',
      '~',
      '- a',
      'a: b',
      'a #b',
      '',
      ' ',
      '*a',
      '&a',
      '!a',
      '%',
      '@',
      '`',
      'a:1',
      '5s',
      '1m',
      '12',
      '.5',
      '_1',
      'e0',
      'E5',
      '127.0.0.1:80',
      'h.x:80',
      '<<',
      '-',
      '?',
      ':',
    ),
    fc.integer(),
    fc.boolean(),
  );
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('yes', '5s', 'a b')), tie('tree'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    ),
  }));

  it('writes what the yaml package reads as the same, in YAML 1.2 and 1.1', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(parse(writeYaml(value))).toEqual(value);
        expect(parse(writeYaml(value), { version: '1.1', merge: false })).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });
});
