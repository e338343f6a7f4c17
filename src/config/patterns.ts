import { z } from 'zod';
import { compilePattern, type Pattern } from '../checks/dialogue-pattern.ts';
import { goText } from './go-values.ts';
import { list } from './leaves.ts';

const MOST_PATTERNS = 100;

/** A regular expression in RE2's syntax. */
export function pattern() {
  return goText('a regular expression').transform((source, context): Pattern => {
    const compiled = compilePattern(source);
    if (compiled.ok) return compiled.value;
    context.addIssue({ code: 'custom', message: compiled.problem });
    return z.NEVER;
  });
}

/** As many as anybody needs. */
export function patterns() {
  return list(pattern(), 'a list of regular expressions').max(MOST_PATTERNS, {
    error: `must be at most ${MOST_PATTERNS} regular expressions`,
  });
}
