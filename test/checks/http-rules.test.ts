import { describe, expect, it } from 'vitest';
import { compileCel } from '../../src/checks/cel.ts';
import { compilePattern } from '../../src/checks/dialogue-pattern.ts';
import { judgeBody, judgeHeaders, looksAtBody } from '../../src/checks/http-rules.ts';
import { Work } from '../../src/checks/work.ts';
import type { Parsed } from '../../src/core/endpoint.ts';

function must<Value>(parsed: Parsed<Value>): Value {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
}

function pattern(source: string) {
  return must(compilePattern(source));
}

function cel(source: string) {
  return must(compileCel(source));
}

/** Digits in no order. */
function squares(count: number): string {
  return Array.from({ length: count }, (_, i) => i * i).join('');
}

const NO_RULES = { bodyMatches: [], bodyNotMatches: [], contains: [], lacks: [] };

describe('headers', () => {
  const HEADERS = new Map([
    ['server', ['nginx/1.24']],
    ['set-cookie', ['a=1', 'session=2', 'b=3']],
    ['x-name', [Buffer.from('Gr\u00fc\u00dfe').toString('latin1')]],
  ]);

  function judged(kind: 'headerMatches' | 'headerNotMatches', header: string, source: string, allowMissing = false) {
    const rule = { header, pattern: pattern(source), allowMissing };
    return judgeHeaders(HEADERS, { headerMatches: [], headerNotMatches: [], [kind]: [rule] }, new Work());
  }

  it.each([
    ['headerMatches', 'Server', '^apache'],
    ['headerMatches', 'set-cookie', '^c='],
    ['headerNotMatches', 'SERVER', '^nginx/1\\.'],
    ['headerNotMatches', 'Set-Cookie', '^session='],
    ['headerNotMatches', 'X-Name', '^Gr..e$'],
  ] as const)('are as they should be: %s %s: %s', (kind, header, source) => {
    expect(judged(kind, header, source)).toBeUndefined();
  });

  it.each([
    ['headerMatches', 'Server', '^nginx', 'the header "Server" is "nginx/1.24", which matches "^nginx"'],
    ['headerMatches', 'Set-Cookie', '^b', 'the header "Set-Cookie" is "b=3", which matches "^b"'],
    ['headerNotMatches', 'Server', 'iis', 'the header "Server" is "nginx/1.24", which does not match "iis"'],
    ['headerNotMatches', 'Set-Cookie', '^c', 'the header "Set-Cookie" is "a=1", which does not match "^c"'],
    ['headerMatches', 'Age', '.', 'the answer has no header "Age"'],
    ['headerNotMatches', 'Age', '.', 'the answer has no header "Age"'],
  ] as const)('are not as they should be: %s %s: %s', (kind, header, source, problem) => {
    expect(judged(kind, header, source)).toEqual({ kind: 'regex', problem });
  });

  it.each(['headerMatches', 'headerNotMatches'] as const)('may be missing where that is allowed: %s', (kind) => {
    expect(judged(kind, 'Age', '.', true)).toBeUndefined();
  });

  it('are judged by all rules, those that must not match first', () => {
    const rule = (header: string, source: string) => ({ header, pattern: pattern(source), allowMissing: true });
    const rules = {
      headerMatches: [rule('Server', 'iis'), rule('Server', 'nginx')],
      headerNotMatches: [rule('Server', 'apache')],
    };
    expect(judgeHeaders(HEADERS, rules, new Work())?.problem).toContain('which matches "nginx"');
  });
});

describe('a body', () => {
  const BODY = Buffer.from('{"status": "ok", "text": "Gr\u00fc\u00dfe (a.b)", "count": 3}');

  function judged(rules: object, body = BODY, work = new Work()) {
    return judgeBody({ kept: body, length: body.length }, { ...NO_RULES, ...rules }, work);
  }

  it.each([
    ['without rules', {}],
    ['patterns that must not match', { bodyMatches: [pattern('error'), pattern('fail')] }],
    ['patterns that must match', { bodyNotMatches: [pattern('"status":\\s*"ok"'), pattern('Gr..e')] }],
    ['keywords', { contains: ['(a.b)', 'Gr\u00fc\u00dfe'], lacks: ['(aXb)', 'OK', '.*'] }],
    ['expressions', { celMatches: cel('body.count > 3'), celNotMatches: cel("body.status == 'ok'") }],
  ])('is as it should be: %s', (_, rules) => {
    expect(judged(rules)).toBeUndefined();
  });

  it.each([
    [{ bodyMatches: [pattern('error'), pattern('o.')] }, 'regex', 'the body matches "o."'],
    [{ bodyNotMatches: [pattern('ok'), pattern('up')] }, 'regex', 'the body does not match "up"'],
    [{ contains: ['ok', 'a.c'] }, 'keyword', 'the body does not contain "a.c"'],
    [{ lacks: ['error', 'a.b'] }, 'keyword', 'the body contains "a.b"'],
    [{ celMatches: cel('body.count == 3') }, 'cel', 'the body satisfies the CEL expression "body.count == 3"'],
    [{ celNotMatches: cel('body.count > 3') }, 'cel', 'the body does not satisfy the CEL expression "body.count > 3"'],
    [
      { celNotMatches: cel('body.none') },
      'cel',
      'the CEL expression "body.none" cannot be told of the body: No such key: none',
    ],
    [
      { celMatches: cel('body.status') },
      'cel',
      'the CEL expression "body.status" cannot be told of the body: it is neither true nor false',
    ],
  ])('is not as it should be: %j', (rules, kind, problem) => {
    expect(judged(rules)).toEqual({ kind, problem });
  });

  it('that is not JSON fails expressions, whether they should be satisfied or not', () => {
    const body = Buffer.from('<html>');
    const expected = { kind: 'cel', problem: 'the body is not JSON' };
    expect(judged({ celMatches: cel('body.a == 1') }, body)).toEqual(expected);
    expect(judged({ celNotMatches: cel('body.a == 1') }, body)).toEqual(expected);
  });

  it('may be bytes that are no text', () => {
    const body = Buffer.from([0xff, 0, 0x61, 0xfe]);
    expect(judged({ bodyNotMatches: [pattern('^..a.$')], contains: ['a'] }, body)?.problem).toBe(undefined);
  });

  it('may be empty', () => {
    expect(judged({ bodyNotMatches: [pattern('^$')], lacks: ['a'] }, Buffer.alloc(0))).toBeUndefined();
    expect(judged({ contains: ['a'] }, Buffer.alloc(0))?.kind).toBe('keyword');
  });

  it('is looked at only where a rule is for it', () => {
    expect(looksAtBody(NO_RULES)).toBe(false);
    expect(looksAtBody({ ...NO_RULES, lacks: ['a'] })).toBe(true);
    expect(looksAtBody({ ...NO_RULES, celNotMatches: cel('true') })).toBe(true);
    expect(judgeBody({ kept: Buffer.alloc(0), length: 5000 }, NO_RULES, new Work())).toBeUndefined();
  });

  it('is not judged by its beginning', () => {
    const rules = { ...NO_RULES, lacks: ['error'] };
    expect(() => judgeBody({ kept: Buffer.from('abc'), length: 5 }, rules, new Work())).toThrow(
      expect.objectContaining({
        reason: 'unexpected_response',
        message: 'the body is longer than the 3 bytes that are looked at',
      }),
    );
  });

  it.each([
    ['keywords that nearly come again and again', { lacks: [`${'ab'.repeat(2000)}b`] }, 'ab'.repeat(500_000)],
    ['a pattern that is slow for that body', { bodyMatches: [pattern('1.{300}[^0-9]$')] }, squares(100_000)],
  ])('is not looked at for long: %s', (_, rules, body) => {
    const startedAt = process.cpuUsage();
    expect(() => judged(rules, Buffer.from(body))).toThrow(expect.objectContaining({ reason: 'unexpected_response' }));
    expect(process.cpuUsage(startedAt).user).toBeLessThan(4_000_000);
  });

  it('of a megabyte is judged by ten keywords, five patterns and an expression', () => {
    const items = Array.from({ length: 10_000 }, (_, id) => ({
      id,
      name: `item ${id}`,
      state: 'ok',
      tags: ['a', 'b'],
    }));
    const body = Buffer.from(JSON.stringify({ status: 'ok', items, pad: 'x'.repeat(400_000) }));
    expect(body.length).toBeGreaterThan(1_000_000);
    const rules = {
      contains: ['ok', 'item 1', 'item 2', 'item 3', 'item 9999'],
      lacks: ['error', 'maintenance', 'unavailable', 'exception', 'timeout'],
      bodyMatches: ['(?i)error|fail|down', 'error.{0,200}timeout', '\\bmaintenance\\b'].map(pattern),
      bodyNotMatches: ['"status":\\s*"ok"', '(?s)item 1".*item 99'].map(pattern),
      celNotMatches: cel("body.items.all(i, i.state == 'ok')"),
    };
    expect(judged(rules, body)).toBeUndefined();
  });
});
