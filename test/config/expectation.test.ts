import { describe, expect, it } from 'vitest';
import { configOf, group, problemsOf, targetOf } from './reading.ts';

/** A file with a group that expects its ports closed. */
function closedGroup(...targets: readonly string[]): string {
  return group(...targets).replace('- name: g\n', '- name: g\n    expect: closed\n');
}

describe('expect: closed', () => {
  it.each([
    ['{address: "h:1", expect: closed}', {}],
    ['{address: "h:5432", expect: closed, service: postgresql}', {}],
    ['{address: "redis://h:5432", expect: closed}', {}],
    ['{address: "h:5432", expect: closed, check: connect, tls: false, depends_on: []}', {}],
    ['{address: "smtp://h:5432", expect: closed}', { use: { courtesy: true, check: { name: 'smtp' } } }],
  ])('%s is a plain connect', (text, how) => {
    const [target] = configOf(group(text)).targets;
    const { endpoint: _, timeoutMs: _ms, family: _family, ...spec } = target?.spec ?? {};
    expect(spec).toMatchObject({ expect: 'closed', ...how });
    expect(Object.keys(spec)).toHaveLength(1 + Object.keys(how).length);
  });

  it('keeps the service as a label, written or by its port', () => {
    const text = group(
      '{name: a, address: "h:1", service: redis, expect: closed}',
      '{address: "h:22", expect: closed}',
    );
    expect(configOf(text).targets.map(({ service }) => service)).toEqual(['redis', 'ssh']);
  });

  it('needs no advice of a server that minds its visitors: nobody should get there', () => {
    expect(configOf(group('h:3306')).warnings).toEqual([expect.stringContaining('mysqld-auth')]);
    expect(configOf(group('{address: "h:3306", expect: closed}')).warnings).toEqual([]);
  });

  it('of a group counts for its targets, unless one says open', () => {
    const text = closedGroup('h:1', '{address: "h:2", expect: open}', '{address: "h:3", expect: closed}');
    expect(configOf(text).targets.map(({ spec }) => spec.expect)).toEqual(['closed', undefined, 'closed']);
    expect(targetOf(closedGroup('{name: r, address: "redis://h", expect: open}'), 'r').spec.use).toBeDefined();
  });

  it('can be written back and means the same', () => {
    const text = closedGroup('smtp://h', '{address: "h:1", expect: open, tls: true}', 'redis://h');
    const first = configOf(text);
    expect(first.effective).toContain('        expect: closed\n');
    expect(first.effective).toContain('        expect: open\n');
    const second = configOf(first.effective);
    expect(second.targets).toEqual(first.targets);
    expect(second.effective).toBe(first.effective);
  });
});

describe('what does not go with expect: closed', () => {
  const place = 'c.yml:4:26: groups[0].targets[0].';
  const connect = 'does not go with expect: closed: a port that should be closed is only connected to';
  it.each([
    ['check: service, service: redis', `${place}check: ${connect}`],
    ['checks: [port]', `${place}checks: ${connect}`],
    ['checks: [port, http]', `${place}checks: ${connect}`],
    ['module: tcp_connect', `${place}module: ${connect}`],
    ['module: no_such', `${place}module: ${connect}`],
    ['tls: true', `${place}tls: ${connect}`],
    ['tls: {server_name: x}', `${place}tls: ${connect}`],
    ['tls: starttls', `${place}tls: ${connect}`],
    ['options: {user: x}', `${place}options: ${connect}`],
    [
      'depends_on: ["other:1"]',
      `${place}depends_on: does not go with expect: closed: what is down keeps a port closed, it opens none`,
    ],
  ])('%s', (more, expected) => {
    expect(problemsOf(group(`{address: "h:1", ${more}, expect: closed}`, 'other:1'))).toEqual([expected]);
  });

  it('is told with the group, where that says so', () => {
    expect(problemsOf(closedGroup('{address: "h:1", tls: true}'))).toEqual([
      'c.yml:5:26: groups[0].targets[0].tls: does not go with expect: closed (groups[0].expect): a port that should be closed is only connected to',
    ]);
  });

  it.each([
    [
      'icmp://h',
      'c.yml:4:19: groups[0].targets[0].address: has no port that could be closed: write expect: open, or a port',
    ],
    ['unix:///run/x.sock', 'has no port that could be closed'],
    ['https://h/health', '"/health": a connect asks for no path; leave it out'],
  ])('the address %s', (address, expected) => {
    expect(problemsOf(group(`{address: "${address}", expect: closed}`))).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['shut', 'c.yml:4:34: groups[0].targets[0].expect: must be open or closed, not "shut"'],
    ['close', 'must be open or closed, not "close": did you mean closed?'],
    ['', 'expect: is empty: it must be open or closed'],
    ['false', 'expect: must be open or closed, not false'],
  ])('the value %j', (value, expected) => {
    expect(problemsOf(group(`{address: "h:1", expect: ${value}}`))).toEqual([expect.stringContaining(expected)]);
  });

  it('depending on it: nothing needs a port that is closed', () => {
    const text = group('{name: shut, address: "h:1", expect: closed}', '{address: "h:2", depends_on: [shut]}');
    expect(problemsOf(text)).toEqual([
      'c.yml:5:39: groups[0].targets[1].depends_on[0]: "shut" should be closed (expect: closed): nothing can depend on it',
    ]);
  });

  it('in defaults: which ports are closed is said of each', () => {
    const [problem] = problemsOf(`defaults: {expect: closed}\n${group('h:1')}`);
    expect(problem).toContain('defaults.expect: "expect" is not a known key');
  });
});
