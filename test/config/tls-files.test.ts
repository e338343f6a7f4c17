import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { TlsMaterial } from '../../src/net/authorities.ts';

/** Loads on a machine where only good.pem is well: the problems, or the warnings. */
function load(text: string): { problems?: string[]; warnings?: readonly string[]; looks: number } {
  let looks = 0;
  const tlsProblem = (material: TlsMaterial) => {
    looks++;
    const { ca, cert, key } = material;
    const bad = [ca, cert, key].find((pem) => pem !== undefined && (!('file' in pem) || pem.file !== 'good.pem'));
    return bad === undefined ? undefined : `cannot read ${JSON.stringify(bad)}`;
  };
  const loaded = loadConfig('c.yml', text, { listeners: () => [], tlsProblem });
  return loaded.ok
    ? { warnings: loaded.config.warnings, looks }
    : { problems: loaded.problems.map(formatProblem), looks };
}

const target = (tls: string) => `groups: [{name: g, targets: [{address: "h:1", tls: ${tls}}]}]`;

describe('files of TLS, when the configuration is loaded', () => {
  it.each([
    [target('{ca_file: bad.pem}'), 'c.yml:1:52: groups[0].targets[0].tls: cannot read {"file":"bad.pem"}'],
    [
      'modules:\n  m: {prober: redis, tls: {ca_file: bad.pem}}',
      'c.yml:2:27: modules.m.tls: cannot read {"file":"bad.pem"}',
    ],
  ])('must be there: %s', (text, problem) => {
    expect(load(text).problems).toEqual([problem]);
  });

  it.each([
    'prober: tcp, tcp: {tls: true, tls_config: {ca: text}}',
    'prober: dns, dns: {query_name: a, transport_protocol: tcp, dns_over_tls: true, tls_config: {ca: text}}',
    'prober: http, http: {tls_config: {ca: text}}',
    'prober: grpc, grpc: {tls: true, tls_config: {ca: text}}',
    'prober: unix, unix: {tls: true, tls_config: {ca: text}}',
    'prober: websocket, websocket: {http_config: {tls_config: {ca: text}}}',
  ])('of modules of blackbox_exporter are only warned of, as it loads such a file: %s', (module) => {
    expect(load(`modules: {m: {${module}}}`).warnings).toEqual(['modules.m: cannot read {"text":"text"}']);
  });

  it.each([
    target('{ca_file: good.pem, cert_file: good.pem, key_file: good.pem}'),
    target('true'),
    target('{server_name: x}'),
    'modules: {m: {prober: tcp, tcp: {tls: false, tls_config: {ca_file: bad.pem}}}}',
  ])('that are well, or not there at all, are nothing to speak of: %s', (text) => {
    expect(load(text).warnings).toEqual([]);
  });

  it('are looked at once, however many name them', () => {
    const targets = Array.from({ length: 100 }, (_, i) => `{address: "h:${i + 1}", tls: {ca_file: good.pem}}`);
    expect(load(`groups: [{name: g, targets: [${targets.join(', ')}]}]`).looks).toBe(1);
  });
});
