// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the templates of the dialogue, as Go writes them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/checks/dialogue-pattern.ts';

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
