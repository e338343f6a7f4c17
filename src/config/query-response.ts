import { z } from 'zod';
import type { DialogueStep } from '../checks/dialogue.ts';
import { compilePattern, type Pattern } from '../checks/dialogue-pattern.ts';
import { goFlag, goText, sparse } from './go-values.ts';
import { isLabelName } from './labels.ts';
import { list, strict, text } from './leaves.ts';
import { show } from './wording.ts';
import type { Tree } from './yaml.ts';

/** More than any greeting needs. */
const MOST_STEPS = 100;
const MOST_LABELS = 50;
/** Bytes. */
const LONGEST = 16_384;
const TOO_LONG = `must be at most ${LONGEST} bytes long`;

const LABEL = strict({ name: labelName(), value: words('a template such as $1').optional() });

const STEP = strict({
  expect: words('a regular expression').transform(patternOf).optional(),
  labels: list(sparse(LABEL), 'a list of labels, each with name and value')
    .max(MOST_LABELS, { error: `must be at most ${MOST_LABELS} labels` })
    .optional(),
  expect_bytes: bytesOrWords('the bytes to come').optional(),
  expect_hex: encoded('hex').optional(),
  send: bytesOrWords('what to say').optional(),
  send_hex: encoded('hex').optional(),
  send_base64: encoded('base64').optional(),
  starttls: goFlag().optional(),
});

/** Every key of a step. */
export const STEP_KEYS: readonly string[] = Object.keys(STEP.shape);

/** `query_response` of a tcp module as the steps of a dialogue. Source: blackbox_exporter, CONFIGURATION.md, <tcp_probe>. */
export const QUERY_RESPONSE = list(sparse(STEP.superRefine(oneOfEach).transform(stepOf)), 'a list of steps').max(
  MOST_STEPS,
  {
    error: `must be at most ${MOST_STEPS} steps`,
  },
);

function words(what: string) {
  return goText(what).refine(isShort, { error: TOO_LONG });
}

/** Text, or bytes written with !!binary. */
function bytesOrWords(what: string) {
  return z.union([z.instanceof(Buffer).refine(isShort, { error: TOO_LONG }), words(what)], {
    error: ({ input }) =>
      typeof input === 'string' ? TOO_LONG : `must be ${what}, as text or as !!binary, not ${show(input)}`,
  });
}

function isShort(written: string | Buffer): boolean {
  return Buffer.byteLength(written) <= LONGEST;
}

function labelName() {
  return text('the name of a label').refine((name) => isLabelName(name) && !name.startsWith('__'), {
    error: ({ input }) => `${show(input)} is not a label name: use letters, digits and _, neither a digit nor __ first`,
  });
}

function patternOf(source: string, context: z.core.$RefinementCtx): Pattern | undefined {
  // blackbox_exporter takes an empty one for none.
  if (source === '') return undefined;
  const compiled = compilePattern(source);
  if (compiled.ok) return compiled.value;
  context.addIssue({ code: 'custom', message: compiled.problem });
  return undefined;
}

const HEX = /^(?:\s*[\da-f]{2})*\s*$/i;

function encoded(how: 'hex' | 'base64') {
  const what = how === 'hex' ? 'bytes in hexadecimal, such as "0d 0a"' : 'bytes in base64';
  return words(what).transform((written, context): Buffer => {
    const plain = written.replace(/\s+/g, '');
    const bytes = Buffer.from(plain, how);
    const isRight = how === 'hex' ? HEX.test(written) : bytes.toString('base64') === plain;
    if (!isRight) context.addIssue({ code: 'custom', message: `must be ${what}, not ${show(written)}` });
    return bytes;
  });
}

const EXPECTS = ['expect', 'expect_bytes', 'expect_hex'] as const;
const SENDS = ['send', 'send_hex', 'send_base64'] as const;

function oneOfEach(step: z.output<typeof STEP>, context: z.core.$RefinementCtx): void {
  for (const keys of [EXPECTS, SENDS]) {
    const [first, second] = keys.filter((key) => step[key] !== undefined && !isEmpty(step[key]));
    if (first === undefined || second === undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [second],
      message: `does not go with ${first} in one step: write two steps`,
    });
  }
  if (step.labels !== undefined && step.expect === undefined)
    context.addIssue({
      code: 'custom',
      path: ['labels'],
      message: 'needs expect beside it: labels take their values from it',
    });
  const names = step.labels?.map(({ name }) => name) ?? [];
  const repeated = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (repeated >= 0)
    context.addIssue({
      code: 'custom',
      path: ['labels', repeated, 'name'],
      message: 'is the name of two labels: keep one',
    });
}

function isEmpty(value: unknown): boolean {
  return value === '' || (Buffer.isBuffer(value) && value.length === 0);
}

function stepOf(step: z.output<typeof STEP>): DialogueStep {
  const bytes = step.expect_hex ?? step.expect_bytes;
  const expect = step.expect ?? (bytes === undefined || isEmpty(bytes) ? undefined : Buffer.from(bytes));
  const send = step.send_hex ?? step.send_base64 ?? step.send;
  const labels = (step.labels ?? []).map(({ name, value = '' }) => [name, value] as const);
  return Object.freeze({
    ...(expect !== undefined && { expect }),
    ...(labels.length > 0 && { labels: Object.freeze(Object.fromEntries(labels)) }),
    ...(send !== undefined && !isEmpty(send) && { send }),
    ...(step.starttls && { starttls: true as const }),
  });
}

/** A step as it would be written. */
export function stepTree({ expect, labels = {}, send, starttls }: DialogueStep): Tree {
  const named = Object.entries(labels).map(([name, value]) => ({ name, value }));
  return {
    ...(Buffer.isBuffer(expect) ? { expect_hex: expect.toString('hex') } : expect && { expect: expect.source }),
    ...(named.length > 0 && { labels: named }),
    ...(Buffer.isBuffer(send) ? { send_hex: send.toString('hex') } : send !== undefined && { send }),
    ...(starttls && { starttls }),
  };
}
