import { describe, expect, it } from 'vitest';
import { configOf, problemsOf } from './reading.ts';

const DIRECT = { how: 'direct', judge: 'all' };

function module(text: string) {
  return configOf(`modules:\n  m: ${text}`).modules.get('m');
}

describe('modules of blackbox_exporter are read as Go reads them', () => {
  it.each([
    ['{tls: yes}', DIRECT],
    ['{tls: On, tls_config: {insecure_skip_verify: no}}', DIRECT],
    ['{tls: TRUE, tls_config: {ca_file: , server_name: ""}}', DIRECT],
    ['{tls: True, tls_config: {ca_file: 0123}}', { ...DIRECT, ca: { file: '0123' } }],
    ['{tls: y, tls_config: }', DIRECT],
    ['{tls: off}', undefined],
    ['{tls: , preferred_ip_protocol: , ip_protocol_fallback: ~, source_ip_address: "", query_response: }', undefined],
  ])('words of YAML 1.1 and keys without a value included: %s', (tcp, tls) => {
    expect(module(`{prober: tcp, tcp: ${tcp}}`)?.tls).toEqual(tls);
  });

  it.each([
    ['{tls: "true"}', 'c.yml:2:31: modules.m.tcp.tls: must be true or false, not "true"'],
    ['{tls: 1}', 'c.yml:2:31: modules.m.tcp.tls: must be true or false, not 1'],
    ['{tls: oui}', 'c.yml:2:31: modules.m.tcp.tls: must be true or false, not "oui"'],
  ])('other words are no booleans: %s', (tcp, problem) => {
    expect(problemsOf(`modules:\n  m: {prober: tcp, tcp: ${tcp}}`)).toEqual([problem]);
  });

  it('numbers and booleans are the texts that they are spelled with', () => {
    const { effective } = configOf(
      'modules: {m: {prober: tcp, tcp: {query_response: [{expect: 220, send: 0123}, {send: True}, {send: 1.50}, {send: 12345678901234567890}]}}}',
    );
    expect(effective).toContain('        - expect: "220"\n          send: "0123"\n');
    expect(effective).toContain(
      '        - send: "True"\n        - send: "1.50"\n        - send: "12345678901234567890"\n',
    );
  });

  it('binary text is text where it is UTF-8', () => {
    const steps = module('{prober: tcp, tcp: {query_response: [{expect: !!binary XlNTSA==}]}}')?.use?.options;
    expect(JSON.stringify(steps)).toBe('{"steps":[{"expect":"^SSH"}]}');
    expect(problemsOf('modules: {m: {prober: tcp, tcp: {query_response: [{expect: !!binary /w==}]}}}')).toEqual([
      'c.yml:1:69: modules.m.tcp.query_response[0].expect: must be a regular expression, not bytes',
    ]);
  });

  it('outside of modules a number is a number', () => {
    expect(problemsOf('groups: [{name: g, targets: [{address: "h:1", name: 0123}]}]')).toEqual([
      'c.yml:1:53: groups[0].targets[0].name: must be a name, not 123: put it in quotes',
    ]);
  });
});
