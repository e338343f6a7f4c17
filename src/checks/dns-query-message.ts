import type { Parsed } from '../core/endpoint.ts';

const LONGEST_LABEL = 63;
/** On the wire, with the length of each label and the root's. RFC 1035, section 2.3.4. */
const LONGEST_NAME = 255;
const RECURSION_DESIRED = 0x0100;

/** A question as it goes out: the name on the wire, and the numbers of type and class. */
export type DnsQuestion = {
  readonly name: Buffer;
  readonly type: number;
  readonly class: number;
  readonly recursionDesired: boolean;
};

/** A query with one question. RFC 1035, section 4.1. */
export function dnsQueryMessage(id: Buffer, question: DnsQuestion): Buffer {
  const head = Buffer.from('00000001000000000000', 'hex');
  head.writeUInt16BE(question.recursionDesired ? RECURSION_DESIRED : 0);
  const kind = Buffer.alloc(4);
  kind.writeUInt16BE(question.type);
  kind.writeUInt16BE(question.class, 2);
  return Buffer.concat([id, head, question.name, kind]);
}

/** A name as zone files have it, with or without the last dot, on the wire. A backslash makes \. and \046 part of a label. */
export function encodeDnsName(text: string): Parsed<Buffer> {
  const labels = labelsOf(text);
  if (labels.some(({ length }) => length === 0)) return { ok: false, problem: 'a label of it is empty' };
  if (labels.some(({ length }) => length > LONGEST_LABEL))
    return { ok: false, problem: `a label of it is longer than ${LONGEST_LABEL} bytes` };
  const wire = Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), label]), Buffer.of(0)]);
  if (wire.length > LONGEST_NAME) return { ok: false, problem: `it is longer than ${LONGEST_NAME} bytes` };
  return { ok: true, value: wire };
}

/** The bytes of each label; of the root none. */
function labelsOf(text: string): readonly Buffer[] {
  if (text === '.') return [];
  const labels = [Buffer.alloc(0)];
  for (const [found, decimal, character = found] of text.matchAll(/\\([01]\d\d|2[0-4]\d|25[0-5])|\\(.)|./gsu)) {
    const bytes = decimal === undefined ? Buffer.from(character) : Buffer.of(Number(decimal));
    if (found === '.') labels.push(Buffer.alloc(0));
    else labels.push(Buffer.concat([labels.pop() ?? bytes, bytes]));
  }
  // The last dot stands before the root.
  return text.endsWith('.') && labels.length > 1 && labels.at(-1)?.length === 0 ? labels.slice(0, -1) : labels;
}
