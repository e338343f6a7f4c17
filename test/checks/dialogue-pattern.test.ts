// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the templates of the dialogue, as Go writes them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/checks/dialogue-pattern.ts';
import { Work } from '../../src/checks/work.ts';

describe('a pattern', () => {
  it.each([
    ['$1', 'a'],
    ['${1}', 'a'],
    ['$0', 'ab'],
    ['$1x', ''],
    ['${1}x', 'ax'],
    ['$$1', '$1'],
    ['$', '$'],
    ['${', '${'],
    ['${}', '${}'],
    ['$ 1', '$ 1'],
    ['$name', 'b'],
    ['${name}s', 'bs'],
    ['$01', ''],
    ['$99999999999', ''],
    ['$constructor', ''],
    ['$1$1', 'aa'],
  ])('fills in a template as Go does: %j is %j', (template, expected) => {
    const compiled = compilePattern('^(a)(?P<name>b)(c)?$');
    const match = compiled.ok ? compiled.value.find(Buffer.from('ab')) : undefined;
    expect(match?.expand(template).toString()).toBe(expected);
  });

  it.each([
    ['(', 'is no regular expression (RE2): missing closing ) in "("'],
    ['(?=a)', 'is no regular expression (RE2): invalid or unsupported Perl syntax in "(?="'],
    ['a{1001}', 'is no regular expression (RE2): invalid repeat count in "{1001}"'],
    [`${'('.repeat(1000)}${')'.repeat(1000)}`, /^is no regular expression/],
    ['x'.repeat(2001), 'must be at most 2000 characters long, not 2001'],
    ['(.{0,1000}){0,3}', /^is (too large|no regular expression)/],
    ['.{0,1000}.{0,1000}', 'is too large a regular expression: use smaller counts in its repetitions'],
  ])('has no pattern in %j', (source, problem) => {
    const compiled = compilePattern(source);
    expect(compiled.ok ? 'fine' : compiled.problem).toMatch(problem);
  });

  it('never fails, whatever the pattern, the line and the template', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 100 }), fc.string(), (source, line, template) => {
        const compiled = compilePattern(source);
        if (compiled.ok) compiled.value.find(line)?.expand(template);
        else expect(compiled.problem).toMatch(/^(is|must)/);
      }),
    );
  });
});

describe('looking for a pattern in a long text', () => {
  /** Whether it is there; an error when that is too much work. */
  function isIn(source: string, text: string | Buffer, work = new Work()): boolean {
    const pattern = compilePattern(source);
    if (!pattern.ok) throw new Error(pattern.problem);
    return pattern.value.isIn(Buffer.from(text), work);
  }

  /** Words in no order, the same each time. */
  function shuffled(words: readonly string[], count: number): string {
    let seed = 1;
    const next = () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return words[(seed >>> 16) % words.length];
    };
    return Array.from({ length: count }, next).join('');
  }

  const tooMuch = expect.objectContaining({
    reason: 'unexpected_response',
    message: 'the answer is too long or too intricate for what it is held against',
  });

  it.each([
    ['b', 'abc', true],
    ['^b', 'abc', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['^$', '', true],
    ['Gr..e', 'Gr\u00fc\u00dfe', true],
    ['(?i)\u00c4', '\u00e4', true],
    ['a..b', Buffer.from('a\xff\xe2b', 'latin1'), true],
    ['^[ab]*a[ab]{12}c$', `${'ab'.repeat(9)}${'b'.repeat(12)}c`, false],
    ['^[ab]*a[ab]{12}c$', `${'ab'.repeat(9)}a${'b'.repeat(12)}c`, true],
  ])('%j in %j: %s, as find has it', (source, text, expected) => {
    expect(isIn(source, text)).toBe(expected);
    const pattern = compilePattern(source);
    expect(pattern.ok && pattern.value.find(Buffer.from(text)) !== undefined).toBe(expected);
  });

  it('finds what find finds, whatever is sought in whatever text', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '(a|b)',
      'a*',
      'b+',
      '[^a]{0,3}',
      '$',
      '^',
      '\\b',
      '(?i)B',
      '(a|ab)+',
    );
    const pattern = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '\u00e9') }), (source, text) => {
        const compiled = compilePattern(source);
        if (!compiled.ok) throw new Error(compiled.problem);
        const found = compiled.value.find(Buffer.from(text)) !== undefined;
        expect(compiled.value.isIn(Buffer.from(text), new Work())).toBe(found);
      }),
    );
  });

  it.each([
    ['a word', 'maintenance'],
    ['one of several words', '(?i)internal server error|bad gateway|service unavailable'],
    ['what is between others', '(?s)"status":\\s*"(ok|up)".*"database":\\s*"up"'],
    ['repetitions', 'error.{0,200}timeout'],
    ['repetitions in repetitions', '((x+x+)+y)*z$'],
    ['a large pattern', '([a-e]{100,900}) z'],
  ])('is done with a page of a megabyte, ten patterns of that kind: %s', (_, source) => {
    const page = '<div class="item"><a href="/path?id=12345">error, says the text, abcde</a></div>\n'.repeat(13_000);
    const work = new Work();
    for (let i = 0; i < 10; i++) expect(isIn(source, page, work)).toBe(false);
  });

  it.each([
    ['a.{80}b$', ['a', 'b', 'c']],
    ['a.{1000}b$', ['a', 'b', 'c']],
    ['error.{0,200}timeout', ['error', 'x', 'xy', ' ']],
    ['[ab]*a[ab]{60}c$', ['a', 'b']],
    ['(?:a[ab]{200}|b[ab]{300}c)$', ['a', 'b']],
  ])('is not looked for for long where the text makes it slow: %s', (source, words) => {
    const text = shuffled(words, 200_000);
    const startedAt = process.cpuUsage();
    expect(() => isIn(source, `${text}c timeou timeout c!`)).toThrow(tooMuch);
    expect(process.cpuUsage(startedAt).user).toBeLessThan(4_000_000);
  });

  it('costs what one text costs for each text, and nothing more once the work is over', () => {
    const work = new Work(25_000);
    expect(isIn('b', 'a'.repeat(10_000), work)).toBe(false);
    expect(isIn('b', 'a'.repeat(10_000), work)).toBe(false);
    expect(() => isIn('b', 'a'.repeat(10_000), work)).toThrow(tooMuch);
    expect(() => isIn('b', '', work)).toThrow(work.over);
  });
});
