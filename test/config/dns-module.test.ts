import { describe, expect, it } from 'vitest';
import type { DnsQueryOptions } from '../../src/checks/dns-query.ts';
import type { Module } from '../../src/probe/spec.ts';
import { configOf, problemsOf } from './reading.ts';

function moduleOf(dns: string): Module | undefined {
  return configOf(`modules:\n  m: {prober: dns, dns: ${dns}}`).modules.get('m');
}

describe('the query of a dns module', () => {
  it('has the defaults of blackbox_exporter', () => {
    const module = moduleOf('{query_name: example.org}');
    expect(module).toMatchObject({ family: { prefer: 6, fallback: true }, defaultPort: 53 });
    expect(module?.tls).toBeUndefined();
    expect(module?.use?.options).toEqual({
      ...{ transport: 'udp', name: 'example.org', type: 'ANY', class: 'IN', recursionDesired: true },
      ...{ validRcodes: ['NOERROR'], validate: { answer: {}, authority: {}, additional: {} } },
    });
  });

  it('goes out as the file says', () => {
    const module = moduleOf(
      '{query_name: x, query_type: SOA, query_class: CH, recursion_desired: false, transport_protocol: tcp, valid_rcodes: [REFUSED], preferred_ip_protocol: ip4, source_ip_address: 127.0.0.9, validate_authority_rrs: {fail_if_matches_regexp: [a], fail_if_not_matches_regexp: }, validate_answer_rrs: }',
    );
    expect(module).toMatchObject({ family: { prefer: 4 }, sourceIp: '127.0.0.9' });
    const options = module?.use?.options as DnsQueryOptions;
    expect(options).toMatchObject({
      ...{ transport: 'tcp', name: 'x', type: 'SOA', class: 'CH', recursionDesired: false, validRcodes: ['REFUSED'] },
    });
    expect(JSON.stringify(options.validate.authority)).toBe('{"fail_if_matches_regexp":["a"]}');
  });

  it('goes through TLS to the port that is for it', () => {
    const inTls = moduleOf(
      '{query_name: x, transport_protocol: tcp, dns_over_tls: true, tls_config: {server_name: ns}}',
    );
    expect(inTls).toMatchObject({ tls: { how: 'direct', judge: 'all', serverName: 'ns' }, defaultPort: 853 });
    expect(moduleOf('{query_name: x, tls_config: {server_name: ns}}')?.tls).toBeUndefined();
  });

  it.each(['.', 'org', 'example.org.', '*.example.org', '_a.b', 'a b', 'a\\\\.b', 'é'])('asks for %s', (name) => {
    expect(moduleOf(`{query_name: "${name}"}`)).toBeDefined();
  });

  it('says in one warning what means nothing beside it', () => {
    const { warnings } = configOf('modules: {m: {prober: dns, dns: {query_name: x}, tcp: {}}}');
    expect(warnings).toEqual(['modules.m: tcp says nothing beside prober dns']);
  });

  it.each([
    ['query_name: ', '2:38: modules.m.dns.query_name: is missing: it must be a domain name'],
    [
      'query_name: a..b',
      '2:38: modules.m.dns.query_name: must be a domain name such as example.org, not "a..b": a label of it is empty',
    ],
    [
      'query_name: ""',
      '2:38: modules.m.dns.query_name: must be a domain name such as example.org, not "": a label of it is empty',
    ],
    [
      'query_name: x, query_type: a',
      '2:53: modules.m.dns.query_type: must be a type of records, such as A or SOA, not "a": did you mean A?',
    ],
    [
      'query_name: x, query_class: IM',
      '2:54: modules.m.dns.query_class: must be a class of records, such as IN or CH, not "IM": did you mean IN?',
    ],
    [
      'query_name: x, valid_rcodes: [NXDOMIAN]',
      '2:56: modules.m.dns.valid_rcodes[0]: must be an rcode, such as NOERROR or NXDOMAIN, not "NXDOMIAN": did you mean NXDOMAIN?',
    ],
    [
      'query_name: x, valid_rcodes: []',
      '2:55: modules.m.dns.valid_rcodes: must have at least one rcode: no reply would do',
    ],
    [
      'query_name: x, transport_protocol: quic',
      '2:61: modules.m.dns.transport_protocol: must be udp or tcp, not "quic"',
    ],
    ['query_name: x, dns_over_tls: true', '2:55: modules.m.dns.dns_over_tls: needs transport_protocol: tcp beside it'],
    ['query_name: x, recursion_desired: 1', '2:60: modules.m.dns.recursion_desired: must be true or false, not 1'],
    [
      'query_name: x, validate_answer_rrs: {fail_if_matches_regexp: ["("]}',
      '2:88: modules.m.dns.validate_answer_rrs.fail_if_matches_regexp[0]: is no regular expression (RE2): missing closing ) in "("',
    ],
    [
      'query_name: x, validate_answer_rrs: {fail_if_matches_regex: []}',
      '2:63: modules.m.dns.validate_answer_rrs.fail_if_matches_regex: "fail_if_matches_regex" is not a known key: did you mean fail_if_matches_regexp? (known here: fail_if_matches_regexp, fail_if_all_match_regexp, fail_if_not_matches_regexp, fail_if_none_matches_regexp)',
    ],
  ])('is refused: %s', (dns, problem) => {
    expect(problemsOf(`modules:\n  m: {prober: dns, dns: {${dns}}}`)).toEqual([`c.yml:${problem}`]);
  });
});
