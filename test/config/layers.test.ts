import { describe, expect, it } from 'vitest';
import type { Target } from '../../src/probe/spec.ts';
import { configOf, group, problemsOf } from './reading.ts';

function first(target: string): Target {
  return configOf(group(target)).targets[0] as Target;
}

/** What comes of a target, in short: its layers, the dialogue, and TLS. */
function seen(target: string): string {
  const { layers = [], service, spec } = first(target);
  const spoken = spec.use === undefined ? '' : `, ${spec.use.courtesy ? 'leaving ' : ''}${spec.use.check.name}`;
  return `${layers.join(' ')}: ${service}${spoken}${spec.tls === undefined ? '' : `, ${spec.tls.how} ${spec.tls.judge}`}`;
}

const HTTPS = 'https, https, direct all';

describe('the layers of a target', () => {
  it.each([
    ['{address: "h:1", checks: [port]}', 'port: tcp'],
    ['{address: "https://h", checks: [port]}', 'port: https'],
    ['{address: "h:3306", checks: [port]}', 'port: mysql, leaving mysql'],
    ['{address: "h:1", tls: true, checks: [tls]}', 'port tls: tcp, direct all'],
    ['{address: "h:1", tls: true, checks: [port]}', 'port tls: tcp, direct all'],
    ['{address: "h:80", checks: [http]}', 'port http: http, http'],
    ['{address: "h:443", checks: [http]}', 'port http: http, http'],
    ['{address: "h:443", tls: true, checks: [http]}', `port tls http: ${HTTPS}`],
    ['{address: "https://h/a", checks: [http, port]}', `port tls http: ${HTTPS}`],
    ['{address: "https://h", tls: false, checks: [http]}', 'port http: https, https'],
    ['{address: "https://h", checks: [keyword: hi]}', `port tls http keyword: ${HTTPS}`],
    [
      '{address: "https://h", checks: [response_time: 1s, keyword: hi]}',
      `port tls http keyword response_time: ${HTTPS}`,
    ],
    ['{address: "redis://h", checks: [service]}', 'port service: redis, redis'],
    ['{address: "h:6379", checks: [service]}', 'port service: redis, redis'],
    ['{address: "postgresql://h", checks: [service]}', 'port tls service: postgresql, postgresql, offered expiry'],
    ['{address: "smtp://h", tls: starttls, checks: [tls, service]}', 'port tls service: smtp, smtp, starttls all'],
    ['{address: "ws://h/a", checks: [service]}', 'port service: ws, ws'],
    ['{address: "unix:///run/a.sock", checks: [port]}', 'port: unix'],
  ])('%s', (target, expected) => {
    expect(seen(target)).toBe(expected);
  });

  it('have the options of their check', () => {
    const { spec } = first(
      '{address: "h:80", checks: [http: {path: /a, status: 404}, keyword: [x, y], response_time: 800ms]}',
    );
    expect(spec.use?.options).toMatchObject({ path: '/a', statuses: [404], contains: ['x', 'y'], maxResponseMs: 800 });
    const keyword = first('{address: "h:80", checks: [keyword: {contains: x, not_contains: [y], json: body.a}]}');
    expect(keyword.spec.use?.options).toMatchObject({ contains: ['x'], lacks: ['y'] });
    const service = first('{address: "postgresql://h", checks: [service: {user: me}]}');
    expect(service.spec.use?.options).toMatchObject({ user: 'me' });
  });

  it('are none where nobody asks for them', () => {
    expect(first('https://h')).not.toHaveProperty('layers');
  });

  it.each([
    '{address: "https://h/a?b=c", checks: [port, http]}',
    '{address: "h:443", tls: {server_name: x}, checks: [http: {headers: {Host: a}, status: [200, 3xx]}]}',
    '{address: "h:80", checks: [keyword: {matches: "a+", not_matches: [b]}, response_time: 1m30s]}',
    '{address: "redis://h", tls: true, checks: [service]}',
    '{address: "h:3306", checks: [port]}',
    '{address: "unix:///run/a.sock", checks: [port]}',
    '{address: "icmp://::1", checks: [service]}',
    'icmp://h',
    'http://h/a/../b?c#d',
    '{address: "https://[::1]:8443", options: {method: HEAD, http2: false}}',
    '{address: "https://h", check: connect}',
    '{address: "unix:///run/a b.sock", tls: {server_name: x}}',
    'ws://h/chat',
    '{address: "http://h", options: {headers: {X-API-Key: hunter2, A: b}, body: "password=hunter2", proxy_url: "http://me:hunter2@p:3128"}}',
  ])('can be read again from the effective configuration, and mean the same: %s', (target) => {
    const { effective } = configOf(group(target));
    expect(effective).not.toContain('hunter2');
    expect(configOf(effective).effective).toBe(effective);
    if (target.includes('hunter2')) return;
    expect(configOf(effective).targets[0]?.spec).toEqual(first(target).spec);
  });
});

const KNOWN = '(known here: port, tls, service, http, keyword, response_time)';
const CONTENT = 'contains, not_contains, matches, not_matches, json';

describe('what is wrong with layers is told where and what would be right', () => {
  it.each([
    ['checks: []', '35: checks: must have at least one layer, such as port'],
    ['checks: ', '35: checks: is empty: it must be a list of layers, such as port, http and keyword'],
    ['checks: port', '35: checks: must be a list of layers, such as port, http and keyword, not "port"'],
    ['checks: {port: {}}', '35: checks: must be a list of layers, such as port, http and keyword, not a mapping'],
    ['checks: [prot]', `36: checks[0]: "prot" is not a layer: did you mean port? ${KNOWN}`],
    ['checks: [port, "x\\ty"]', `42: checks[1]: "x\\ty" is not a layer ${KNOWN}`],
    [
      'checks: [5]',
      '36: checks[0]: must be one of port, tls, service, http, keyword, response_time, alone or with its options behind a colon, not 5',
    ],
    ['checks: [{}]', '36: checks[0]: must be a layer, such as port'],
    ['checks: [port, port]', '42: checks[1]: port comes twice: keep one'],
    ['checks: [{port: , http: }]', '36: checks[0]: must be one layer: start another line with "- "'],
    ['checks: [port: {a: b}]', '43: checks[0].port.a: port takes no options'],
    [
      'checks: [http: {contains: x}]',
      '43: checks[0].http.contains: contains is about the content: write it under keyword',
    ],
    [
      'checks: [http: {max_response_time: 1s}]',
      '43: checks[0].http.max_response_time: is the layer response_time: write response_time: 800ms',
    ],
    ['checks: [http: GET]', '42: checks[0].http: must be a mapping of options, not "GET"'],
    ['checks: [http: [GET]]', '42: checks[0].http: must be a mapping of options, not a list'],
    ['checks: [http: {path: a}]', '49: checks[0].http.path: must be a path such as /health, not "a"'],
    [
      'checks: [http: {status: [200, x]}]',
      '57: checks[0].http.status[1]: must be a status such as 200, or a class such as 2xx, not "x"',
    ],
    ['checks: [keyword]', `36: checks[0].keyword: says nothing: write one of ${CONTENT}`],
    ['checks: [keyword: {}]', `45: checks[0].keyword: says nothing: write one of ${CONTENT}`],
    ['checks: [keyword: ""]', '45: checks[0].keyword[0]: must be a text, not ""'],
    ['checks: [keyword: [a, 5]]', '49: checks[0].keyword[1]: must be a text, not 5: put it in quotes'],
    [
      'checks: [keyword: 404]',
      '45: checks[0].keyword: must be a text in quotes that must be in the body, a list of them, or a mapping of options, not 404',
    ],
    [
      'checks: [keyword: {contain: x}]',
      `46: checks[0].keyword.contain: "contain" does not belong to keyword: did you mean contains? (it takes ${CONTENT})`,
    ],
    [
      'checks: [keyword: {matches: "("}]',
      '55: checks[0].keyword.matches[0]: is no regular expression (RE2): missing closing ) in "("',
    ],
    [
      'checks: [response_time]',
      '36: checks[0].response_time: must be the longest time that an answer may take, such as 800ms, not nothing',
    ],
    [
      'checks: [response_time: soon]',
      '51: checks[0].response_time: must be a number with a unit, such as 500ms, 5s or 1m30s, not "soon"',
    ],
    ['checks: [service, http]', '35: checks: service and http are one layer: keep the one that the target speaks'],
    ['checks: [http], check: service', '43: check: does not go with checks: write it there, with its layer'],
    ['checks: [http], options: {path: /a}', '43: options: does not go with checks: write it there, with its layer'],
    ['checks: [http], module: http', '43: module: does not go with checks: write it there, with its layer'],
    ['checks: [tls]', '35: checks: tls is not spoken by this target: write tls: true beside checks'],
    [
      'checks: [http], tls: starttls',
      '48: tls: https has no STARTTLS, it speaks TLS from the first byte: write tls: true',
    ],
  ])('%s', (checks, problem) => {
    const [column = '', ...words] = problem.split(': ');
    expect(problemsOf(group(`{address: "h:80", ${checks}}`))).toEqual([
      `c.yml:4:${column}: groups[0].targets[0].${words.join(': ')}`,
    ]);
  });

  it.each([
    [
      '{address: "redis://h", checks: [http]}',
      '9: groups[0].targets[0].service: is redis: the layers http, keyword and response_time need http or https',
    ],
    [
      '{address: "h:1", checks: [service]}',
      '35: groups[0].targets[0].checks[0]: needs the name of a service: write service: beside it',
    ],
    [
      '{address: "h:1", checks: [port, service: {}]}',
      '41: groups[0].targets[0].checks[1]: needs the name of a service: write service: beside it',
    ],
    [
      '{address: "https://h/a", checks: [port]}',
      '19: groups[0].targets[0].address: "/a": a connect asks for no path; leave it out',
    ],
    [
      '{address: "icmp://h", checks: [port]}',
      '19: groups[0].targets[0].address: a connect needs a port: write host:port',
    ],
    [
      '{address: "icmp://h", check: connect}',
      '19: groups[0].targets[0].address: a connect needs a port: write host:port',
    ],
    [
      '{address: "unix:///a", checks: [http]}',
      '9: groups[0].targets[0].service: is unix: the layers http, keyword and response_time need http or https',
    ],
    [
      '{address: "unix:///a", module: http}',
      '19: groups[0].targets[0].address: a Unix socket is no place for the module "http": write a URL',
    ],
  ])('%s', (target, problem) => {
    expect(problemsOf(group(target))).toEqual([`c.yml:4:${problem}`]);
  });
});
