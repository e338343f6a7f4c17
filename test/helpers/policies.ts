import { type AllowRule, Policy, parseAllowRule } from '../../src/probe/policy.ts';

/** A policy of these lines of probe.allow, for targets that nobody has configured. */
export function allowing(...rules: readonly string[]): Policy {
  return new Policy(rules.map(ruleOf), []);
}

function ruleOf(text: string): AllowRule {
  const read = parseAllowRule(text);
  if (!read.ok) throw new Error(read.problem);
  return read.value;
}
