import { describe, expect, it } from 'vitest';
import type { Target } from '../../src/probe/spec.ts';
import { configOf, group, problemsOf } from './reading.ts';

/** How a target is checked, in short: the dialogue ("leaving" where only the connect counts) and TLS. */
function checkOf({ spec: { use, tls } }: Target): string {
  const spoken = use === undefined ? 'connect' : `${use.courtesy ? 'connect, leaving ' : ''}${use.check.name}`;
  return tls === undefined ? spoken : `${spoken}, ${tls.how} ${tls.judge}`;
}

function first(target: string, rest = ''): Target {
  return configOf(group(target) + rest).targets[0] as Target;
}

describe('how far a check goes', () => {
  it.each([
    ['h:6379', 'connect'],
    ['{address: "h:6379"}', 'connect'],
    ['redis://h', 'redis'],
    ['{address: "h:1", service: redis}', 'redis'],
    ['{address: "h:6379", check: service}', 'redis'],
    ['{address: "redis://h", check: connect}', 'connect'],
    ['{address: "h:6379", service: redis, check: connect}', 'connect'],
    ['{address: "h:443", check: service}', 'https, direct all'],
    ['{address: "h:443", service: https}', 'https, direct all'],
    ['{address: "h:443", service: https, check: connect}', 'connect'],
    ['h:443', 'connect'],
    ['https://h/a', 'https, direct all'],
    ['http://h', 'http'],
    ['unix:///run/a.sock', 'connect'],
    ['{address: "h:1", service: tcp}', 'connect'],
    ['{address: "h:1", service: sftp}', 'sftp'],
  ])('%s is %s', (target, check) => {
    expect(checkOf(first(target))).toBe(check);
  });

  it.each([
    ['h:3306', 'connect, leaving mysql'],
    ['{address: "h:1", service: mysql, check: connect}', 'connect, leaving mysql'],
    ['{address: "h:2181"}', 'connect, leaving zookeeper'],
    ['{address: "h:3306", tls: true}', 'connect, direct all'],
    ['{address: "h:3306", service: tcp}', 'connect'],
  ])('a service that punishes silence is left with its goodbye: %s is %s', (target, check) => {
    expect(checkOf(first(target))).toBe(check);
  });

  it('a module that only connects leaves so, too', () => {
    const file = `${group('{address: "h:3306", module: m}')}modules: {m: {prober: tcp}}`;
    expect(checkOf(configOf(file).targets[0] as Target)).toBe('connect, leaving mysql');
  });

  it('what listens here is left with its goodbye too', () => {
    const { targets } = configOf('discover: {local: true}', ['127.0.0.1:3306', '127.0.0.1:6379']);
    expect(targets.map(checkOf)).toEqual(['connect, leaving mysql', 'connect']);
  });
});

describe('TLS of a target', () => {
  it.each([
    ['{address: "h:1", tls: true}', 'connect, direct all'],
    ['{address: "redis://h", tls: true}', 'redis, direct all'],
    ['{address: "redis://h", tls: {insecure_skip_verify: true}}', 'redis, direct nothing'],
    ['{address: "smtp://h", tls: starttls}', 'smtp, starttls all'],
    ['{address: "smtp://h", tls: true}', 'smtp, direct all'],
    ['{address: "smtp://h", tls: {starttls: true, server_name: x}}', 'smtp, starttls all'],
    ['smtp://h', 'smtp'],
    ['smtps://h', 'smtps, direct all'],
    ['postgresql://h', 'postgresql, offered expiry'],
    ['{address: "postgresql://h", tls: true}', 'postgresql, starttls all'],
    ['{address: "postgresql://h", tls: false}', 'postgresql'],
    ['kubernetes://h', 'kubernetes, direct expiry'],
    ['{address: "kubernetes://h", tls: {server_name: x}}', 'kubernetes, direct all'],
  ])('%s is %s', (target, check) => {
    expect(checkOf(first(target))).toBe(check);
  });

  it('has names, versions and files', () => {
    const { tls } = first(
      '{address: "h:1", tls: {server_name: X, ca_file: a.pem, cert_file: b.pem, key_file: c.pem, min_version: TLS12, max_version: TLS13}}',
    ).spec;
    expect(tls).toEqual({
      how: 'direct',
      judge: 'all',
      serverName: 'x',
      ca: { file: 'a.pem' },
      cert: { file: 'b.pem' },
      key: { file: 'c.pem' },
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
    });
  });
});

describe('a module of a target', () => {
  const modules = 'modules: {m: {prober: tcp, tcp: {tls: true}}}\n';

  it('says how it is checked; the service stays a label', () => {
    const target = first('{address: "h:6379", module: m, interval: 10s, timeout: 3s}', modules);
    expect(target).toMatchObject({ module: 'm', service: 'redis', intervalMs: 10_000, spec: { timeoutMs: 3000 } });
    expect(target.spec.tls).toBeDefined();
    expect(target.spec.family).toEqual({ prefer: 6, fallback: true });
  });

  it('may be a built-in one', () => {
    expect(first('{address: "h:1", module: redis}').spec.use?.check.name).toBe('redis');
  });
});

describe('what does not go together', () => {
  it.each([
    ['{address: "h:1", check: service}', 'check: needs the name of a service: write service: beside it'],
    ['{address: "unix:///run/a.sock", check: service}', 'there is no dialogue for unix'],
    ['{address: "h:1", options: {a: 1}}', 'options belong to the dialogue of a service'],
    ['{address: "redis://h", check: connect, options: {a: 1}}', 'options belong to the dialogue of a service'],
    ['{address: "redis://h", options: {user: x}}', '"user" is not a known option (redis takes none)'],
    ['{address: "redis://h", options: 5}', 'options: must be a mapping of the options of redis, not a number'],
    ['{address: "postgresql://h", options: {usr: x}}', '"usr" is not a known option: did you mean user?'],
    ['{address: "redis://h", tls: starttls}', 'tls: redis has no STARTTLS'],
    ['{address: "ssh://h", tls: true}', 'tls: ssh has no TLS'],
    ['{address: "h:1", tls: starttls}', 'tls: starttls needs a service'],
    ['{address: "h:1", tls: {cert_file: x}}', 'a client certificate needs key_file beside it'],
    ['{address: "h:1", tls: {key_file: x}}', 'a client key needs cert_file beside it'],
    [
      '{address: "h:1", module: redis, check: service}',
      'check: does not go with module: write it in the module "redis"',
    ],
    ['{address: "h:1", module: redis, tls: true}', 'tls: does not go with module'],
    ['{address: "h:1", module: nosuch}', 'there is no usable module "nosuch"'],
    ['{address: "h:1", module: rediss}', 'did you mean redis?'],
  ])('%s is told so', (target, message) => {
    const problems = problemsOf(group(target));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(message);
  });
});

describe('warnings of checks', () => {
  it('are one for all targets that the same is true of', () => {
    const warnings = configOf(group('mysql://a', 'mysql://b', 'd:6379')).warnings;
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^a:3306, b:3306: .*name it in options\.user$/);
  });

  it('of a target that only connects say what it takes to follow them', () => {
    expect(configOf(group('c:3306')).warnings[0]).toMatch(/options\.user \(of a target with service: mysql\)$/);
  });

  it.each([
    ['checks: [response_time: 10s], timeout: 1s', ['10s', '1s']],
    ['checks: [response_time: 1s], timeout: 1s', ['1s', '1s']],
    ['options: {max_response_time: 1m}, timeout: 2500ms', ['1m', '2s500ms']],
    ['checks: [response_time: 999ms], timeout: 1s', undefined],
  ])('tell of a response time that nothing can be longer than: %s', (keys, found) => {
    const warning = `h:80: a response time of ${found?.[0]} is not shorter than the timeout, ${found?.[1]}: no answer is ever too slow, it times out`;
    expect(configOf(group(`{address: "http://h", ${keys}}`)).warnings).toEqual(found === undefined ? [] : [warning]);
  });

  it('tell when a server is visited more often than it likes, all targets of its address together', () => {
    const often = '{address: "ssh://h", interval: 3s, timeout: 1s}';
    expect(configOf(group(often)).warnings).toEqual([]);
    const twice = configOf(group(often, '{name: again, address: "sftp://h:22", interval: 3s, timeout: 1s}')).warnings;
    expect(twice).toEqual([
      'h:22, again: ssh servers refuse or log who comes that often: an interval of 4s or longer is safe',
    ]);
  });
});
