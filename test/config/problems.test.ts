import { describe, expect, it } from 'vitest';
import { group, levels, problemsOf } from './reading.ts';

/** What is said about a text with one thing wrong. */
function problemOf(text: string): string {
  const problems = problemsOf(text);
  expect(problems).toHaveLength(1);
  return problems[0] ?? '';
}

describe('a target with one mistake', () => {
  it.each([
    ['db:0', 'c.yml:4:9: groups[0].targets[0]: "db:0" is not an address: the port must be 1 to 65535, not "0"'],
    ['redis://:SEKRET@127.0.0.1:6379', '"redis://:<secret>@127.0.0.1:6379" is not an address: users'],
    ['db:65536', 'the port must be 1 to 65535, not "65536"'],
    [
      '"[::1"',
      'c.yml:4:9: groups[0].targets[0]: "[::1" is not an address: the bracket of the IPv6 address is not closed',
    ],
    ['{address: db}', 'c.yml:4:19: groups[0].targets[0].address: "db" is not an address: the port is missing'],
    [
      'postgres://db',
      '"postgres" is not a known service (write host:port, [IPv6]:port or service://host): did you mean postgresql?',
    ],
    [
      '{address: "h:1", service: redi}',
      'c.yml:4:35: groups[0].targets[0].service: "redi" is not a known service: did you mean redis?',
    ],
    ['{address: "h:1", service: frobnicator}', '"frobnicator" is not a known service: write one of amqp,'],
    ['{address: "redis://h", service: mysql}', 'service: mysql is not what the address says, redis: keep one'],
    ['{address: "unix:///a", check: service}', 'check: there is no dialogue for unix: use check: connect, or a module'],
    ['{address: "h:1", check: connct}', 'check: must be connect or service, not "connct": did you mean connect?'],
    [
      '{address: "h:1", intervall: 5s}',
      'c.yml:4:26: groups[0].targets[0].intervall: "intervall" is not a known key: did you mean interval? (known here: name, address,',
    ],
    ['{address: "h:1", 5: 5s}', '"5" is not a known key (known here'],
    ['{address: "h:1", timeout: 5}', 'c.yml:4:35: groups[0].targets[0].timeout: needs a unit: write 5s for 5 seconds'],
    ['{address: "h:1", timeout: 0}', 'must be a number with a unit, such as 500ms, 5s or 1m30s, not 0'],
    ['{address: "h:1", timeout: 0s}', 'timeout: must be more than 0'],
    ['{address: "h:1", timeout: -5s}', 'must be a number with a unit, such as 500ms, 5s or 1m30s, not "-5s"'],
    ['{address: "h:1", timeout: 1.5s}', 'not "1.5s"'],
    ['{address: "h:1", timeout: }', 'timeout: is empty: it must be a number with a unit'],
    ['{address: "h:1", timeout: [5s]}', 'not a list'],
    ['{address: "h:1", interval: 25d}', 'interval: must be at most 24d, not "25d"'],
    ['{address: "h:1", failures: 0}', 'failures: must be a whole number of at least 1, not 0'],
    ['{address: "h:1", failures: 1.5}', 'failures: must be a whole number of at least 1, not 1.5'],
    ['{address: "h:1", failures: "2"}', 'failures: must be a whole number of at least 1, not "2"'],
    ['{address: "h:1", severity: page}', 'severity: must be critical or warning, not "page"'],
    ['{address: "h:1", tls: yes}', 'tls: must be true, false, starttls or a mapping, not "yes"'],
    [
      '{address: "h:1", tls: {server_name: "https://h"}}',
      'tls.server_name: must be a host name, without scheme and port',
    ],
    ['{address: "h:1", tls: {server_name: "h:1"}}', 'must be a host name, without scheme and port, not "h:1"'],
    [
      '{address: "h:1", tls: {insecure: true}}',
      'tls.insecure: "insecure" is not a known key (known here: starttls, ca_file, cert_file, key_file, server_name, min_version, max_version, insecure_skip_verify)',
    ],
    ['{address: "h:1", preferred_ip_protocol: ipv6}', 'must be ip4 or ip6, not "ipv6": did you mean ip6?'],
    ['{address: "h:1", ip_protocol_fallback: no}', 'must be true or false, not "no"'],
    ['{address: "h:1", name: 5}', 'name: must be a name, not 5: put it in quotes'],
    ['{address: "h:1", name: " "}', 'name: must be a name, not empty'],
    ['{address: "h:1", name: "a\\nb"}', 'name: must not have control characters, as "a\\nb" has'],
    ['{address: "h:1", name: "a\\uD800b"}', 'must not have control characters'],
    [`{address: "h:1", name: ${'n'.repeat(201)}}`, 'name: must be at most 200 characters long, not 201'],
    [
      '{name: x}',
      'c.yml:4:9: groups[0].targets[0].address: is missing: it must be host:port, [IPv6]:port or service://host',
    ],
    ['5432', 'groups[0].targets[0]: must be an address or a mapping with at least the key address, not 5432'],
    ['', 'groups[0].targets[0]: is empty: it must be an address or a mapping'],
    ['[h:1]', 'groups[0].targets[0]: must be an address or a mapping with at least the key address, not a list'],
    ['{address: "h:1", depends_on: h}', 'depends_on: must be a list of names or addresses of targets, not "h"'],
    ['{address: "h:1", depends_on: [5]}', 'depends_on[0]: must be text, not 5: put it in quotes'],
    ['{address: "h:1", depends_on: ["h:1"]}', 'depends_on[0]: is the target itself'],
    [
      '{address: "h:1", depends_on: [zzz]}',
      'depends_on[0]: no target has the name or address "zzz": list it in a group',
    ],
  ])('%s is told where and what would be right', (target, expected) => {
    expect(problemOf(group(target))).toContain(expected);
  });
});

describe('labels', () => {
  it.each([
    ['9a: x', 'labels.9a: "9a" is not a label name: use letters, digits and _, no digit first'],
    ['a-b: x', 'labels.a-b: "a-b" is not a label name'],
    ['"a b": x', 'labels["a b"]: "a b" is not a label name'],
    ['"": x', 'is not a label name'],
    ['__meta: x', 'labels.__meta: starts with __, which Prometheus keeps for itself'],
    ...[
      'target',
      'name',
      'service',
      'group',
      'severity',
      'instance',
      'job',
      'phase',
      'reason',
      'depends_on',
      'version',
    ].map((label) => [
      `${label}: x`,
      `c.yml:4:35: groups[0].targets[0].labels.${label}: is a label that metrics have already`,
    ]),
    ['a: 1', 'c.yml:4:38: groups[0].targets[0].labels.a: must be text, not 1: put it in quotes'],
    ['a: true', 'must be text, not true: put it in quotes'],
    ['a: ', 'is empty: it must be text'],
    ['a: {b: c}', 'must be text, not a mapping'],
  ])('{%s} is refused', (labels, expected) => {
    expect(problemOf(group(`{address: "h:1", labels: {${labels}}}`))).toContain(expected);
  });

  it.each(['team', 'location', '_a1', 'A'])('may be called %s', (label) => {
    expect(problemsOf(group(`{address: "h:1", labels: {${label}: x}}`))).toEqual([]);
  });

  it('must be a mapping', () => {
    expect(problemOf(group('{address: "h:1", labels: [a]}'))).toContain(
      'labels: must be a mapping of label names to values, not a list',
    );
  });
});

describe('a file with one mistake', () => {
  it.each([
    ['', 'c.yml:1:1: the file is empty: a minimal file is "discover: { local: true }"'],
    ['# nothing yet\n', 'c.yml:1:1: the file is empty'],
    ['---\n', 'the file is empty'],
    ['groups: []\n', 'c.yml:1:1: there is nothing to do, no targets, no discovery, no modules: a minimal file is'],
    ['{}', 'there is nothing to do'],
    ['discover: {local: false}', 'there is nothing to do'],
    [
      'hello',
      'c.yml:1:1: must be a mapping with some of the keys defaults, groups, discover, maintenance, probe, modules, not "hello"',
    ],
    ['- h:1', 'c.yml:1:1: must be a mapping with some of the keys'],
    ['group: []', 'c.yml:1:1: group: "group" is not a known key: did you mean groups?'],
    ['groups: h:1', 'c.yml:1:9: groups: must be a list of groups, each starting with "- ", not "h:1"'],
    ['groups: [5]', 'c.yml:1:10: groups[0]: must be a mapping with some of the keys name, network'],
    ['groups: [{targets: [h:1]}]', 'c.yml:1:10: groups[0].name: is missing: it must be a name'],
    [
      'groups: [{name: g, targets: {h: 1}}]',
      'c.yml:1:29: groups[0].targets: must be a list of targets, each starting with "- ", not a mapping',
    ],
    ['groups: [{name: g, network: lan, targets: [h:1]}]', 'groups[0].network: must be local, remote or vpn, not "lan"'],
    [
      'groups:\n  - {name: g, targets: [h:1]}\n  - {name: g}',
      'c.yml:3:12: groups[1].name: "g" is the name of two groups: put their targets into one (the other is groups[0].name on line 2)',
    ],
    ['discover: true', 'discover: must be a mapping with some of the keys local, report, not true'],
    ['discover: {local: 1}', 'discover.local: must be true or false, not 1'],
    ['discover: {local: true}\nprobe: {allow: any}', 'probe.allow: must be a list of rules, not "any"'],
    [
      'discover: {local: true}\nprobe: {allow: [any, 10.0.0.0/40]}',
      'c.yml:2:22: probe.allow[1]: "10.0.0.0/40" is no rule: write configured, any,',
    ],
    ['discover: {local: true}\nprobe: {allow: [10]}', 'probe.allow[0]: must be a rule, not 10: put it in quotes'],
    ['modules: [tcp]', 'modules: must be a mapping of module names to modules, not a list'],
    ['modules: {m: 5}', 'modules.m: must be a mapping with the key prober, not 5'],
    ['modules: {m: {timeout: 5s}}', 'modules.m.prober: is missing: it must be the name of a prober, such as tcp'],
    ['modules: {m: {prober: 5}}', 'modules.m.prober: must be the name of a prober, such as tcp, not 5'],
    [
      'modules: {m: {prober: tcp, timeout: soon}}',
      'modules.m.timeout: must be a duration such as 5s or 1.5s, not "soon"',
    ],
  ])('%j is told where and what would be right', (text, expected) => {
    expect(problemOf(text)).toContain(expected);
  });
});

describe('a timeout', () => {
  it.each([
    ['', '', 'timeout: 60s', 'groups[0].targets[0].timeout: 1m does not fit the interval 1m (built in)'],
    ['', '', 'interval: 5s', 'groups[0].targets[0].interval: 5s does not fit the timeout 5s (built in)'],
    [
      '',
      'interval: 10s',
      'timeout: 11s',
      'groups[0].targets[0].timeout: 11s does not fit the interval 10s (groups[0].interval)',
    ],
    [
      '',
      'timeout: 10s',
      'interval: 9s',
      'groups[0].targets[0].interval: 9s does not fit the timeout 10s (groups[0].timeout)',
    ],
    [
      'interval: 10s',
      'network: remote',
      '',
      'groups[0].network: 10s does not fit the interval 10s (defaults.interval)',
    ],
    ['interval: 10s, timeout: 10s', '', '', 'defaults.timeout: 10s does not fit the interval 10s (defaults.interval)'],
  ])(
    'must be shorter than the interval: defaults {%s}, group {%s}, target {%s}',
    (defaults, inGroup, own, expected) => {
      const text = levels(defaults, inGroup, own);
      expect(problemOf(text)).toContain(`${expected}: a timeout must be shorter than its interval`);
    },
  );

  it('is complained about once, however many targets share it', () => {
    const text = 'groups: [{name: g, timeout: 2m, targets: [h:1, h:2, {address: "h:3", interval: 3m}]}]';
    expect(problemOf(text)).toContain('c.yml:1:29: groups[0].timeout: 2m does not fit the interval 1m (built in)');
  });

  it('counts where it takes effect only', () => {
    expect(problemsOf('defaults: {timeout: 2m}\ngroups: [{name: g, interval: 3m, targets: [h:1]}]')).toEqual([]);
    expect(problemOf('defaults: {timeout: 2m}\ndiscover: {local: true}')).toContain(
      'defaults.timeout: 2m does not fit',
    );
    expect(problemOf('defaults: {interval: 2s}\ndiscover: {local: true}')).toContain(
      'defaults.interval: 2s does not fit the timeout 2s (built in)',
    );
  });
});

describe('names', () => {
  it('must tell targets apart', () => {
    expect(problemOf(group('{name: a, address: "h:1"}', '{name: a, address: "h:2"}'))).toBe(
      'c.yml:5:16: groups[0].targets[1].name: "a" is the name of another target too: choose a name of its own (the other is groups[0].targets[0].name on line 4)',
    );
    expect(problemOf(group('h:1', 'H:1'))).toBe(
      'c.yml:5:9: groups[0].targets[1]: "h:1" is listed twice: remove one, or give one of them a name of its own (the other is groups[0].targets[0] on line 4)',
    );
    expect(problemOf(group('{name: "h:2", address: "h:1"}', 'h:2'))).toContain(
      'groups[0].targets[1]: "h:2" is the name of another target too',
    );
  });

  it('may differ for the same address', () => {
    expect(problemsOf(group('h:1', '{name: with tls, address: "h:1", tls: true}'))).toEqual([]);
  });
});
