import { ProbeFailure } from '../core/reason.ts';
import type { Pattern } from './dialogue-pattern.ts';
import type { DnsRecord } from './dns-records.ts';
import { quote } from './talk.ts';

export const RULES = [
  'fail_if_matches_regexp',
  'fail_if_all_match_regexp',
  'fail_if_not_matches_regexp',
  'fail_if_none_matches_regexp',
] as const;
type Rule = (typeof RULES)[number];

/** What the records of a section are held against. */
export type Rules = Readonly<Partial<Record<Rule, readonly Pattern[]>>>;

/** Instructions of patterns times bytes of records: a quarter of a second at most, whoever answers. */
export const MOST_WORK = 10_000_000;
/** What a record is by itself. */
const RECORD_WORK = 500;

/** How much looking may still be done. */
export type Work = { left: number };

type Judge = (records: readonly DnsRecord[], patterns: readonly Pattern[], work: Work) => string | undefined;

/** What is wrong with the records of a section; undefined when they are as the rules want them. */
export function judgeRecords(records: readonly DnsRecord[], rules: Rules, work: Work): string | undefined {
  for (const rule of RULES) {
    const patterns = rules[rule] ?? [];
    const problem = patterns.length === 0 ? undefined : JUDGES[rule](records, patterns, work);
    if (problem !== undefined) return `${problem} (${rule})`;
  }
  return undefined;
}

const JUDGES: Readonly<Record<Rule, Judge>> = {
  fail_if_matches_regexp: (records, patterns, work) => {
    const found = first(records, patterns, (record, pattern) => matches(record, pattern, work));
    return found && `${quote(found.record.text)} matches ${shown(found.pattern)}`;
  },
  // Not what its name says, but what blackbox_exporter does: it fails unless all of them match.
  fail_if_all_match_regexp: allMustMatch,
  fail_if_not_matches_regexp: (records, patterns, work) =>
    records.length === 0 ? noRecord(patterns) : allMustMatch(records, patterns, work),
  fail_if_none_matches_regexp: (records, patterns, work) => {
    if (records.length === 0) return noRecord(patterns);
    if (first(records, patterns, (record, pattern) => matches(record, pattern, work)) !== undefined) return undefined;
    return `no record matches ${patterns.map(shown).join(' or ')}; the first is ${quote(records[0]?.text ?? '')}`;
  },
};

function allMustMatch(...[records, patterns, work]: Parameters<Judge>): string | undefined {
  const found = first(records, patterns, (record, pattern) => !matches(record, pattern, work));
  return found && `${quote(found.record.text)} does not match ${shown(found.pattern)}`;
}

function noRecord(patterns: readonly Pattern[]): string {
  return `it has no record to match ${patterns.map(shown).join(' or ')}`;
}

/** The first record and pattern of which that is true. */
function first(
  records: readonly DnsRecord[],
  patterns: readonly Pattern[],
  isSought: (record: DnsRecord, pattern: Pattern) => boolean,
): { readonly record: DnsRecord; readonly pattern: Pattern } | undefined {
  for (const record of records)
    for (const pattern of patterns) if (isSought(record, pattern)) return { record, pattern };
  return undefined;
}

function matches({ text }: DnsRecord, pattern: Pattern, work: Work): boolean {
  work.left -= (text.length + 1) * pattern.cost + RECORD_WORK;
  if (work.left < 0)
    throw new ProbeFailure('unexpected_response', 'the reply is longer than patterns of this size are held against');
  return pattern.find(Buffer.from(text, 'latin1')) !== undefined;
}

function shown({ source }: Pattern): string {
  return quote(source);
}
