import type { z } from 'zod';
import type { Check } from '../checks/check.ts';
import { type DnsQueryOptions, dnsQuery } from '../checks/dns-query.ts';
import { encodeDnsName } from '../checks/dns-query-message.ts';
import { RULES, type Rules } from '../checks/dns-query-rules.ts';
import { SECTIONS, type Section } from '../checks/dns-records.ts';
import { CLASSES, RCODES, TYPES } from '../checks/dns-records-names.ts';
import { planTls } from '../probe/tls-plan.ts';
import { goFlag, present, sparse } from './go-values.ts';
import { choice, list, strict, text } from './leaves.ts';
import { suggestion } from './nearest.ts';
import { level, type Part, readPart } from './parts.ts';
import type { Path } from './path.ts';
import { patterns } from './patterns.ts';
import type { Report } from './problems.ts';
import { DIALLING, dialling, diallingTree, type Way } from './tcp-module.ts';
import { TLS_CONFIG, tlsConfigTree, writtenOf } from './tls-config.ts';
import { show } from './wording.ts';
import type { Tree } from './yaml.ts';

const PORT = 53;
const TLS_PORT = 853;

const PATTERNS = patterns().optional();

const VALIDATE = strict({
  fail_if_matches_regexp: PATTERNS,
  fail_if_all_match_regexp: PATTERNS,
  fail_if_not_matches_regexp: PATTERNS,
  fail_if_none_matches_regexp: PATTERNS,
} satisfies Record<(typeof RULES)[number], unknown>);

const DNS = level(
  strict({
    ...DIALLING,
    transport_protocol: choice(['udp', 'tcp']).optional(),
    dns_over_tls: goFlag().optional(),
    tls_config: TLS_CONFIG.optional(),
    query_name: domainName(),
    query_type: oneOf(TYPES, 'a type of records, such as A or SOA').optional(),
    query_class: oneOf(CLASSES, 'a class of records, such as IN or CH').optional(),
    recursion_desired: goFlag().optional(),
    valid_rcodes: list(oneOf(RCODES, 'an rcode, such as NOERROR or NXDOMAIN'), 'a list of rcodes')
      .min(1, { error: 'must have at least one rcode: no reply would do' })
      .optional(),
    validate_answer_rrs: sparse(VALIDATE).optional(),
    validate_authority_rrs: sparse(VALIDATE).optional(),
    validate_additional_rrs: sparse(VALIDATE).optional(),
  }),
);

/** Every key of `dns`, as blackbox_exporter has it. */
export const DNS_KEYS: readonly string[] = Object.keys(DNS.schema.shape);
/** Every key of `validate_answer_rrs` and its like. */
export const VALIDATE_KEYS: readonly string[] = Object.keys(VALIDATE.shape);

function domainName() {
  return text('a domain name').superRefine((written, context) => {
    const encoded = encodeDnsName(written);
    if (!encoded.ok)
      context.addIssue({
        code: 'custom',
        message: `must be a domain name such as example.org, not ${show(written)}: ${encoded.problem}`,
      });
  });
}

function oneOf(numbers: Readonly<Record<string, number>>, what: string) {
  return text(what).refine((written) => Object.hasOwn(numbers, written), {
    error: ({ input }) => {
      const close = typeof input === 'string' ? suggestion(input, Object.keys(numbers)) : '';
      return `must be ${what}, not ${show(input)}${close}`;
    },
  });
}

/** What `dns` of a module says. Its keys and defaults are blackbox_exporter's: CONFIGURATION.md, <dns_probe>. */
export function readDns(value: unknown, path: Path, report: Report): Way {
  const dns = readPart(DNS, present(value), path, report);
  const inTls = dns.dns_over_tls === true;
  if (inTls && dns.transport_protocol !== 'tcp')
    report({ path: [...path, 'dns_over_tls'], message: 'needs transport_protocol: tcp beside it' });
  const plan = inTls ? planTls(dnsQuery, writtenOf(dns.tls_config ?? {})) : undefined;
  return {
    ...dialling(dns, 6),
    use: Object.freeze({ check: dnsQuery as Check, options: optionsOf(dns) }),
    ...(plan?.ok && plan.value && { tls: plan.value }),
    defaultPort: inTls ? TLS_PORT : PORT,
  };
}

function optionsOf(dns: Part<typeof DNS>): DnsQueryOptions {
  return Object.freeze({
    transport: dns.transport_protocol ?? 'udp',
    name: dns.query_name ?? '.',
    type: dns.query_type ?? 'ANY',
    class: dns.query_class ?? 'IN',
    recursionDesired: dns.recursion_desired ?? true,
    validRcodes: Object.freeze(dns.valid_rcodes ?? ['NOERROR']),
    validate: Object.freeze(
      Object.fromEntries(SECTIONS.map((section) => [section, rulesOf(dns[`validate_${section}_rrs`] ?? {})])),
    ),
  });
}

function rulesOf(written: z.output<typeof VALIDATE>): Rules {
  return Object.fromEntries(RULES.flatMap((rule) => (written[rule]?.length ? [[rule, written[rule]]] : [])));
}

/** How `dns` of a module would be written. */
export function dnsTree(way: Way): Tree {
  const options = way.use?.options as DnsQueryOptions;
  return {
    ...diallingTree(way),
    transport_protocol: options.transport,
    dns_over_tls: way.tls !== undefined,
    ...tlsConfigTree(way.tls),
    query_name: options.name,
    query_type: options.type,
    query_class: options.class,
    recursion_desired: options.recursionDesired,
    valid_rcodes: [...options.validRcodes],
    ...Object.fromEntries(SECTIONS.flatMap((section) => rulesTree(section, options.validate[section] ?? {}))),
  };
}

function rulesTree(section: Section, rules: Rules): [string, Tree][] {
  const written = Object.entries(rules).map(
    ([rule, patterns]) => [rule, patterns.map(({ source }) => source)] as const,
  );
  return written.length === 0 ? [] : [[`validate_${section}_rrs`, Object.fromEntries(written)]];
}
