import { describe, expect, test } from 'vitest';
import type { Check } from '../../src/checks/check.ts';
import { http, https } from '../../src/checks/http.ts';
import { HTTP_OPTION_NAMES, type HttpServiceOptions } from '../../src/checks/http-service-options.ts';
import { readOptions } from '../../src/config/options.ts';

/** What is wrong with options, each with its place. */
function problemsOf(options: unknown): readonly string[] {
  const problems: string[] = [];
  readOptions(http as Check, options, [], ({ path, message }) => {
    problems.push(`${path.join('.')}: ${typeof message === 'string' ? message : message()}`);
  });
  return problems;
}

/** Good options, understood: patterns and expressions by their text. */
function read(options: unknown): HttpServiceOptions {
  expect(problemsOf(options)).toEqual([]);
  return JSON.parse(JSON.stringify(http.options.parse(options)));
}

const LONG = 'x'.repeat(16_385);

describe('options of a target that speaks HTTP', () => {
  test('have defaults', () => {
    const { written, ...rest } = read({});
    expect(written).toEqual({});
    expect(rest).toEqual({
      ...{
        method: 'GET',
        headers: [],
        statuses: [],
        anyStatus: false,
        versions: [],
        followRedirects: true,
        http2: true,
      },
      ...{ headerMatches: [], headerNotMatches: [], bodyMatches: [], bodyNotMatches: [], contains: [], lacks: [] },
    });
  });

  test.each<[object, object]>([
    [{ method: 'HEAD' }, { method: 'HEAD' }],
    [{ path: '/health?full=1' }, { path: '/health?full=1' }],
    [
      { headers: { Host: 'a', 'X-B': '' } },
      {
        headers: [
          ['Host', { text: 'a' }],
          ['X-B', { text: '' }],
        ],
      },
    ],
    [{ body: 'x' }, { method: 'POST', body: { text: 'x' } }],
    [{ body: '' }, { method: 'GET' }],
    [
      { body: 'x', method: 'PATCH' },
      { method: 'PATCH', body: { text: 'x' } },
    ],
    [{ body_file: '/b' }, { method: 'POST', body: { file: '/b' } }],
    [{ status: 200 }, { statuses: [200] }],
    [{ status: '204' }, { statuses: [204] }],
    [{ status: [200, '301'] }, { statuses: [200, 301] }],
    [{ status: [] }, { statuses: [] }],
    [
      { follow_redirects: false, http2: 'false' },
      { followRedirects: false, http2: false },
    ],
    [{ follow_redirects: 'true' }, { followRedirects: true }],
    [{ contains: 'a' }, { contains: ['a'] }],
    [
      { contains: ['a', 'b'], not_contains: 'c' },
      { contains: ['a', 'b'], lacks: ['c'] },
    ],
    [
      { matches: 'a+', not_matches: ['b', 'c'] },
      { bodyNotMatches: ['a+'], bodyMatches: ['b', 'c'] },
    ],
    [{ json: 'body.a == 1' }, { celNotMatches: 'body.a == 1' }],
    [{ max_response_time: '1m30s' }, { maxResponseMs: 90_000 }],
    [
      { username: 'u', password_file: '/p' },
      { auth: { kind: 'basic', username: { text: 'u' }, password: { file: '/p' } } },
    ],
    [{ bearer_token_file: '/t' }, { auth: { kind: 'token', type: 'Bearer', credentials: { file: '/t' } } }],
    [
      { proxy_url: 'http://p:3128' },
      { proxy: { url: 'http://p:3128', noProxy: '', connectHeaders: [], skipResolve: false } },
    ],
  ])('%j', (options, expected) => {
    expect(read(options)).toMatchObject(expected);
  });

  test('know a whole class of statuses', () => {
    const { statuses } = read({ status: ['2xx', '4XX'] });
    expect([statuses.length, statuses[0], statuses[99], statuses[100], statuses[199]]).toEqual([
      200, 200, 299, 400, 499,
    ]);
  });

  test.each<[unknown, string | RegExp]>([
    [5, ': must be a mapping of the options of http, not a number'],
    [['GET'], ': must be a mapping of the options of http, not a list'],
    [
      { metod: 'GET' },
      `metod: "metod" is not a known option: did you mean method? (http takes ${HTTP_OPTION_NAMES.join(', ')})`,
    ],
    [{ method: 'get' }, 'method: must be a method such as GET, not "get"'],
    [{ method: 'A B' }, 'method: must be a method such as GET, not "A B"'],
    [{ method: 5 }, 'method: must be a method such as GET, not 5: put it in quotes'],
    [{ path: 'health' }, 'path: must be a path such as /health, not "health"'],
    [{ path: '/a b' }, 'path: must be a path such as /health, not "/a b"'],
    [{ path: '/a#b' }, 'path: must be a path such as /health, not "/a#b"'],
    [{ path: '/ä' }, 'path: must be a path such as /health, not "/ä"'],
    [{ path: `/${LONG}` }, 'path: is longer than 16384 characters'],
    [{ headers: 'A: b' }, 'headers: must be a mapping of names of headers to values'],
    [{ headers: ['A'] }, 'headers: must be a mapping of names of headers to values'],
    [{ headers: null }, 'headers: must be a mapping of names of headers to values'],
    [{ headers: { A: 5 } }, 'headers.A: must be a line of text in ASCII or Latin-1; put numbers in quotes'],
    [{ headers: { A: 'secret\n' } }, 'headers.A: must be a line of text in ASCII or Latin-1; put numbers in quotes'],
    [{ headers: { A: 'secret €' } }, 'headers.A: must be a line of text in ASCII or Latin-1; put numbers in quotes'],
    [{ headers: { 'A B': 'c' } }, 'headers.A B: is not the name of a header'],
    [{ headers: { '': 'c' } }, 'headers.: is not the name of a header'],
    [{ headers: { Connection: 'close' } }, 'headers.Connection: is for port-exporter to say: remove it'],
    [{ headers: { 'content-length': '5' } }, 'headers.content-length: is for port-exporter to say: remove it'],
    [{ headers: { A: '1', a: '2' } }, 'headers.a: is given twice, upper and lower case being the same: keep one'],
    [{ body: { a: 1 } }, 'body: must be the text to send, not {"a":1}'],
    [{ body: 'a', body_file: '/b' }, 'body: does not go with body_file: keep one'],
    [{ body_file: '' }, 'body_file: must be the name of a file, not ""'],
    [{ status: 99 }, 'status.0: must be a status such as 200, or a class such as 2xx, not "99"'],
    [{ status: 600 }, 'status.0: must be a status such as 200, or a class such as 2xx, not "600"'],
    [{ status: '2x' }, 'status.0: must be a status such as 200, or a class such as 2xx, not "2x"'],
    [{ status: [200, 'ok'] }, 'status.1: must be a status such as 200, or a class such as 2xx, not "ok"'],
    [{ status: 200.5 }, 'status.0: must be a status such as 200, or a class such as 2xx, not "200.5"'],
    [{ status: true }, 'status.0: must be a status such as 200 or 2xx, not true: put it in quotes'],
    [{ status: null }, 'status: must be a status such as 200 or 2xx, or a list of them'],
    [{ status: Array(101).fill(200) }, 'status: are more than 100'],
    [{ follow_redirects: 'yes' }, 'follow_redirects: must be true or false'],
    [{ http2: 1 }, 'http2: must be true or false'],
    [{ contains: '' }, 'contains.0: must be a text, not ""'],
    [{ contains: 5 }, 'contains.0: must be a text, not 5: put it in quotes'],
    [{ not_contains: [['a']] }, 'not_contains.0: must be a text, not ["a"]'],
    [{ matches: '(' }, 'matches.0: is no regular expression (RE2): missing closing ) in "("'],
    [
      { not_matches: '(?=a)' },
      'not_matches.0: is no regular expression (RE2): invalid or unsupported Perl syntax in "(?="',
    ],
    [{ matches: '(a{1000}){1000}' }, /^matches\.0: is (no|too large a) regular expression/],
    [{ json: 'body.a ==' }, /^json: is no CEL expression: ./],
    [{ json: '"a"' }, /^json: is no CEL expression that can be used: it must be true or false/],
    [{ json: 5 }, 'json: must be an expression in CEL, not 5: put it in quotes'],
    [{ max_response_time: 5 }, /^max_response_time: must be a number with a unit.*, not 5: put it in quotes$/],
    [{ max_response_time: '0s' }, /^max_response_time: must be a number with a unit.*, not "0s"$/],
    [{ max_response_time: '-5s' }, /^max_response_time: must be a number with a unit.*, not "-5s"$/],
    [{ username: 'u' }, 'username: needs password_file beside it'],
    [{ username: 'u:v', password_file: '/p' }, 'username: must be a user name, not "u:v"'],
    [{ password_file: '/p' }, 'password_file: needs username beside it'],
    [
      { username: 'u', password_file: '/p', bearer_token_file: '/t' },
      'username: does not go with bearer_token_file: keep one',
    ],
    [
      { headers: { authorization: 'a' }, bearer_token_file: '/t' },
      'bearer_token_file: does not go with the header Authorization: keep one',
    ],
    [{ proxy_url: 'p:3128' }, 'proxy_url: must be http://host:port or https://host:port'],
    [{ proxy_url: 'socks5://u:secret@p' }, 'proxy_url: must be http://host:port or https://host:port'],
    [{ proxy_url: 'http://' }, 'proxy_url: must be http://host:port or https://host:port'],
  ])('%j is told what would be right', (options, expected) => {
    const problems = problemsOf(options);
    expect(problems).toHaveLength(1);
    if (typeof expected === 'string') expect(problems[0]).toBe(expected);
    else expect(problems[0]).toMatch(expected);
    expect(problems[0]).not.toContain('secret');
  });

  test('are all told at once', () => {
    expect(problemsOf({ method: 5, path: 5, status: ['a', 'b'] })).toHaveLength(4);
  });

  test('may not be Object’s own', () => {
    expect(problemsOf(JSON.parse('{"__proto__": {"method": 5}, "constructor": 5}')).length).toBeGreaterThan(0);
  });

  test('are the same in TLS', () => {
    expect(https.options).toBe(http.options);
  });
});

describe('options as they would be written', () => {
  const written = (options: unknown) => http.written?.(http.options.parse(options));

  test.each([
    {},
    { method: 'HEAD', path: '/a', status: [200, '3xx'], follow_redirects: false, http2: false },
    { headers: { 'X-A': 'b' }, body: 'x=1', contains: 'a', json: 'body.a', max_response_time: '1s' },
    { username: 'u', password_file: '/p', proxy_url: 'http://p:3128' },
  ])('are as they were: %j', (options) => {
    expect(written(options)).toEqual(options);
  });

  test('do not show who we are, and can be read again', () => {
    const shown = written({
      headers: { Authorization: 'hunter2', cookie: 'hunter2', 'X-API-Key': 'hunter2', Accept: 'text/html' },
      body: 'user=me&password=hunter2',
      proxy_url: 'http://me:hunter2@@p:3128/',
    });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    expect(shown).toEqual({
      headers: { Authorization: '<secret>', cookie: '<secret>', 'X-API-Key': '<secret>', Accept: 'text/html' },
      body: '<secret>',
      proxy_url: 'http://me:<secret>@p:3128/',
    });
    expect(problemsOf(shown)).toEqual([]);
  });
});
