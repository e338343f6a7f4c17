import { describe, expect, it } from 'vitest';
import { parseIp } from '../../src/core/ip.ts';
import { configOf, endpoint, group } from './reading.ts';

describe('discovery', () => {
  const found = (text: string, ...listeners: string[]) =>
    configOf(text, listeners).targets.map((target) => target.name);

  it('adds what listens on this machine to the group local', () => {
    expect(configOf('discover: {local: true}', ['127.0.0.1:22', '[::1]:631']).targets).toMatchObject([
      { name: '127.0.0.1:22', service: 'ssh', group: 'local', spec: { timeoutMs: 2000 } },
      { name: '[::1]:631', service: 'tcp', group: 'local' },
    ]);
  });

  it('does nothing unless asked', () => {
    expect(found(group('h:1'), '127.0.0.1:22')).toEqual(['h:1']);
    expect(found(`discover: {local: false}\n${group('h:1')}`, '127.0.0.1:22')).toEqual(['h:1']);
  });

  it.each([
    '127.0.0.1:22',
    'localhost:22',
    '"[::1]:22"',
    '{name: ssh, address: "LOCALHOST:22"}',
    '{name: "127.0.0.1:22", address: "h:1"}',
  ])('skips a port that is configured as %s', (target) => {
    expect(
      found(`discover: {local: true}\n${group(target)}`, '127.0.0.1:22', '10.0.0.1:22', '127.0.0.1:23').slice(1),
    ).toEqual(['10.0.0.1:22', '127.0.0.1:23']);
  });

  it('uses the timeout of defaults when there is one', () => {
    const text = 'discover: {local: true}\ndefaults: {timeout: 4s, interval: 30s}';
    expect(configOf(text, ['127.0.0.1:22']).targets).toMatchObject([{ intervalMs: 30_000, spec: { timeoutMs: 4000 } }]);
  });

  it('works on a machine where nothing listens', () => {
    expect(found('discover: {local: true}')).toEqual([]);
  });
});

describe('the policy', () => {
  const allows = (text: string, target: string, address: string) => {
    const ip = parseIp(address);
    return ip !== undefined && configOf(text, ['127.0.0.1:22']).policy.allows(endpoint(target), ip);
  };

  it.each([
    ['configured targets only, where there are targets', group('h:1'), false],
    ['configured targets only, where there is discovery', 'discover: {local: true}', false],
    ['anything, where there are only modules', 'modules: {m: {prober: tcp}}', true],
    [
      'configured targets only, where there are targets and modules',
      `modules: {m: {prober: tcp}}\n${group('h:1')}`,
      false,
    ],
    ['what probe.allow says', `probe: {allow: ["any:2"]}\n${group('h:1')}`, true],
    ['nothing else, where probe.allow is empty', 'probe: {allow: []}\nmodules: {m: {prober: tcp}}', false],
  ])('by default allows %s', (_what, text, expected) => {
    expect(allows(text, 'other:2', '10.0.0.1')).toBe(expected);
  });

  it('always allows configured and discovered targets', () => {
    const text = `discover: {local: true}\nprobe: {allow: []}\n${group('h:1')}`;
    expect(allows(text, 'h:1', '10.0.0.1')).toBe(true);
    expect(allows(text, '127.0.0.1:22', '127.0.0.1')).toBe(true);
    expect(allows(text, '127.0.0.1:23', '127.0.0.1')).toBe(false);
  });
});
