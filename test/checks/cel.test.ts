import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCel } from '../../src/checks/cel.ts';
import { evaluated } from '../helpers/cel.ts';

const BODY = {
  text: 'ok',
  one: 1,
  half: 1.5,
  yes: true,
  nothing: null,
  empty: '',
  numbers: [1, 2, 3],
  words: ['a', 'b'],
  deep: { a: { b: 'c' } },
  items: [
    { id: 1, state: 'ok', tags: ['x'] },
    { id: 2, state: 'bad' },
  ],
  constructor: 'c',
  time: '2024-05-01T10:00:00Z',
  age: '90s',
};

function nested(levels: number): string {
  return `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
}

describe('an expression', () => {
  it.each([
    ["body.text == 'ok'", true],
    ["'ok' != body.text", false],
    ["body['text'].startsWith('o') && body.text.endsWith('k') && body.text.contains('ok')", true],
    ['size(body.text) == 2 && body.numbers.size() == 3 && size(body.deep) == 1', true],
    ["body.text + '!' == 'ok!'", true],
    ['body.yes', true],
    ['!body.yes || body.one == 2', false],
    ['body.yes ? body.one > 0 : false', true],
    ['body.nothing == null', true],
    ['body.text == null', false],
    ["body.empty == '' // a comment", true],
    ['type(body.one) == double && type(body.deep) == map', true],
    ["bytes(body.text) == b'ok' && string(body.half) == '1.5'", true],
    ["body.deep == {'a': {'b': 'c'}}", true],
    ['body.deep.a.b\n==\n"c"', true],
  ])('says of a body: %j is %s', (source, expected) => {
    expect(evaluated(source, BODY)).toBe(expected);
  });

  it.each([
    ['body.one == 1', true],
    ['1.0 == body.one', true],
    ['body.one == 1u', true],
    ['body.one < body.half && body.one < 2', true],
    ['body.text == 1', false],
    ['body.numbers == [1, 2, 3]', true],
    ['2 in body.numbers && body.one in [1, "x"]', true],
    ['body.numbers[0] == 1', true],
    ['int(body.one) % 2 == 1', true],
    ['body.one + 1.0 == 2.0', true],
  ])('takes numbers for doubles that are compared with any number: %s', (source, expected) => {
    expect(evaluated(source, BODY)).toBe(expected);
  });

  it.each([
    ["body.items.all(i, i.state == 'ok')", false],
    ["body.items.exists(i, i.state == 'bad')", true],
    ['body.items.exists_one(i, i.id == 2)', true],
    ['body.items.filter(i, i.id > 1).map(i, i.id) == [2]', true],
    ["body.items.exists(i, 'x' in i.tags)", true],
    ['body.items.all(i, body.items.exists(j, i.id == j.id))', true],
    ["body.deep.all(key, key == 'a')", true],
    ['has(body.deep.a) && !has(body.deep.z)', true],
    ["'constructor' in body && body.constructor == 'c' && !('toString' in body)", true],
  ])('looks through lists and maps: %s', (source, expected) => {
    expect(evaluated(source, BODY)).toBe(expected);
  });

  it.each([
    ["timestamp(body.time) > timestamp('2024-01-01T00:00:00Z')", true],
    ["timestamp(body.time).getHours('Europe/Berlin') == 12 && timestamp(body.time).getFullYear() == 2024", true],
    ["duration(body.age) == duration('1m30s')", true],
    ["double('1.5') == body.half && int('42') == 42", true],
  ])('reads times and numbers from texts: %s', (source, expected) => {
    expect(evaluated(source, BODY)).toBe(expected);
  });

  it.each([
    ["body.text.matches('^o.$')", true],
    ["body.text.matches('k.')", false],
    ['body.words.all(w, w.matches("^[a-c]$"))', true],
    ["'Gr\u00fc\u00dfe'.matches('^Gr..e$')", true],
    ["'a-b'.matches(r'^\\pL-\\pL$')", true],
    ['body.text.matches(body.text)', true],
  ])('has patterns in the syntax of RE2: %s', (source, expected) => {
    expect(evaluated(source, BODY)).toBe(expected);
  });

  it.each([
    ['body.none == 1', 'No such key: none'],
    ['body.none.none == 1', 'No such key: none'],
    ['body.numbers[9] == 1', 'No such key: index out of bounds, index 9 >= size 3'],
    ['body.text', 'it is neither true nor false'],
    ['body.one', 'it is neither true nor false'],
    ['body.text && true', "Logical operator requires bool operands, got 'string'"],
    ['body.one + 1 == 2', 'no such overload: double + int'],
    ['body.deep + body.items == 2', 'no such overload: map + list'],
    ['body.one.contains("1")', 'contains() is for strings'],
    ['body.text.matches(body.one)', 'matches() is for strings'],
    ["(body.text + '(').matches(body.text + '(')", '"ok(" is no regular expression (RE2): missing closing ) in "ok("'],
    ['body.items.all(i, i.tags.size() > 0)', 'No such key: tags'],
  ])('says why it says nothing: %s', (source, problem) => {
    expect(evaluated(source, BODY)).toBe(problem);
  });

  it.each([
    ['body.none || true', true],
    ['true || body.none', true],
    ['body.none && false', false],
    ['body.items.exists(i, i.tags.size() > 0)', true],
  ])('does without what does not matter: %s', (source, expected) => {
    expect(evaluated(source, BODY)).toBe(expected);
  });

  it.each([
    ['nothing', '', 'the body is not JSON'],
    ['a page', '<html>', 'the body is not JSON'],
    ['more than JSON', '{"a": 1} and more', 'the body is not JSON'],
    ['a list', '[]', 'the body is JSON, but not an object'],
    ['null', 'null', 'the body is JSON, but not an object'],
    ['a text', '"text"', 'the body is JSON, but not an object'],
    ['101 levels', nested(100), 'the JSON of the body is nested deeper than 100 levels'],
    ['50,000 levels', nested(50_000), 'the JSON of the body is nested deeper than 100 levels'],
    ['100 levels', nested(99), true],
    ['keys that mean something to JavaScript', '{"__proto__": {"a": 1}, "constructor": {"name": 1}}', true],
  ])('is for the JSON object of a body: %s', (_, body, expected) => {
    expect(evaluated('size(body) > 0', body)).toBe(expected);
  });

  it('shows as its source', () => {
    const cel = compileCel('body.a == 1');
    expect(JSON.stringify({ cel: cel.ok && cel.value })).toBe('{"cel":"body.a == 1"}');
  });
});

describe('reading an expression', () => {
  it.each([
    ['', 'is no CEL expression: Unexpected token: EOF'],
    ['body.a ==', 'is no CEL expression: Unexpected token: EOF'],
    ['(body.a', 'is no CEL expression: Expected RPAREN, got EOF'],
    ['true) || (false', "is no CEL expression: Unexpected character: ')'"],
    ["1 + 'a' == 2", 'is no CEL expression that can be used: no such overload: int + string'],
    ['bod.a == 1', 'is no CEL expression that can be used: Unknown variable: bod'],
    ['body.a ? 1 : 2', 'is no CEL expression that can be used: it must be true or false, and is of type int'],
    ["'yes'", 'is no CEL expression that can be used: it must be true or false, and is of type string'],
    ['body', 'is no CEL expression that can be used: it must be true or false, and is of type map<string, dyn>'],
    ['body.a.exists(x, 1)', /predicate must return bool, got 'int'$/],
    ["body.a.matches('(')", /: "\(" is no regular expression \(RE2\): missing closing \)/],
    ['body.a.lowerAscii() == "x"', 'is no CEL expression that can be used: CEL has no function lowerAscii()'],
    ['cel.bind(x, body.a, x == 1)', 'is no CEL expression that can be used: CEL has no function bind()'],
    ['metered(true)', 'is no CEL expression that can be used: CEL has no function metered()'],
    ['[{"a": -now()}] == []', 'is no CEL expression that can be used: CEL has no function now()'],
  ])('refuses %j', (source, problem) => {
    const cel = compileCel(source);
    expect(cel.ok ? 'fine' : cel.problem).toMatch(problem);
    expect(cel.ok ? '' : cel.problem).not.toContain('\n');
  });

  it.each([
    ['characters', `body.a == '${'x'.repeat(5000)}'`, 'must be at most 5000 characters long, not 5012'],
    ['levels', `${'('.repeat(200)}true${')'.repeat(200)}`, 'is no CEL expression: Exceeded maxDepth (100)'],
    ['parts', new Array(600).fill('true').join('&&'), 'is no CEL expression: Exceeded maxAstNodes (1000)'],
  ])('refuses too many %s', (_, source, problem) => {
    expect(compileCel(source)).toEqual({ ok: false, problem });
  });

  it('takes nothing that is too large when it is evaluated', () => {
    for (const count of [96, 97, 98, 99, 100, 101]) {
      const source = `${'('.repeat(count)}true${')'.repeat(count)}`;
      if (compileCel(source).ok) expect(evaluated(source, {})).toBe(true);
    }
    for (const count of [996, 997, 998, 999, 1000]) {
      const source = `${'!'.repeat(count)}true`;
      if (compileCel(source).ok) expect(evaluated(source, {})).toBe(count % 2 === 0);
    }
  });

  it.each([
    ['parts', new Array(499).fill('true').join('&&')],
    ['levels', `${'!'.repeat(998)}true`],
  ])('takes as many %s as there may be', (_, source) => {
    expect(evaluated(source, {})).toBe(true);
  });

  it('never fails, whatever is written', () => {
    const word = fc.constantFrom(
      'body',
      '.a',
      '==',
      '1',
      "'x'",
      '(',
      ')',
      '[',
      ']',
      '.all(x,',
      'x',
      '&&',
      '!',
      '?',
      ':',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(' ')),
        ),
        fc.json(),
        (source, json) => {
          if (compileCel(source).ok) expect(['boolean', 'string']).toContain(typeof evaluated(source, json));
        },
      ),
    );
  });
});
