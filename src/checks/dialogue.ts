import { z } from 'zod';
import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import type { Match, Pattern } from './dialogue-pattern.ts';
import { quote, type Talk, unexpected, words } from './talk.ts';

/**
 * One step of a dialogue: what must come, then what is said, then TLS. Text goes out with a line feed at its end, bytes as they are.
 * `labels` are templates: what they come to is shown in probe_expect_info.
 */
export type DialogueStep = {
  readonly expect?: Pattern | Buffer;
  readonly labels?: Readonly<Record<string, string>>;
  readonly send?: string | Buffer;
  readonly starttls?: true;
};

export type DialogueOptions = { readonly steps: readonly DialogueStep[] };

/** The families that a dialogue has samples of. */
export const EXPECT_FAMILIES = {
  regex: 'probe_failed_due_to_regex',
  bytes: 'probe_failed_due_to_bytes',
  info: 'probe_expect_info',
} as const;

/**
 * How long a line without an end must have been all that came until it counts as it is, ms: a prompt such as "login: " never ends, and
 * half a line that is on its way must not be taken for one.
 */
const PROMPT_MS = 200;
/** Instructions of patterns times bytes of lines: a quarter of a second at most, whoever answers. */
const MOST_WORK = 10_000_000;
/** What a line is by itself. */
const LINE_WORK = 500;
/** Bytes. */
const LONGEST_LABEL = 1000;
const CONTROL = /(?!\t)\p{Cc}/gu;

/**
 * A dialogue as the configuration writes it: expect, send, starttls. It is no service of its own. Source: blackbox_exporter,
 * CONFIGURATION.md, <tcp_probe>, query_response.
 */
export const dialogue: Check<DialogueOptions> = {
  name: 'tcp',
  ports: [],
  summary: 'what `query_response` says',
  tls: { direct: true, starttls: true },
  // Made by whoever reads the configuration, never written under `options:`.
  options: z.custom<DialogueOptions>((value) => typeof value === 'object' && value !== null && 'steps' in value),
  async run(talk, { steps }) {
    const lines = new Lines(talk);
    for (const step of steps) {
      const match = await met(step, lines, talk);
      if (step.send !== undefined) say(step.send, match, talk);
      if (step.starttls) await talk.startTls();
    }
  },
};

/** The same with a Unix socket of this machine. */
export const socketDialogue: Check<DialogueOptions> = { ...dialogue, name: 'unix', form: 'path' };

async function met({ expect, labels }: DialogueStep, lines: Lines, talk: Talk): Promise<Match | undefined> {
  if (expect === undefined) return undefined;
  if (Buffer.isBuffer(expect)) {
    await expectBytes(expect, talk);
    return undefined;
  }
  const match = await lines.find(expect);
  if (labels !== undefined) talk.sample(EXPECT_FAMILIES.info, 1, filledIn(labels, match));
  return match;
}

function filledIn(labels: Readonly<Record<string, string>>, match: Match): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, template]) => [
      name,
      // A zero byte would end the whole scrape for its reader.
      match.expand(template).toString('utf8', 0, LONGEST_LABEL).replace(CONTROL, '\uFFFD'),
    ]),
  );
}

function say(what: string | Buffer, match: Match | undefined, talk: Talk): void {
  if (Buffer.isBuffer(what)) talk.send(what);
  else if (what !== '') talk.send(Buffer.concat([match?.expand(what) ?? Buffer.from(what), LINE_FEED]));
}

const LINE_FEED = Buffer.from('\n');

/** Fails as soon as a byte is another one. */
async function expectBytes(wanted: Buffer, talk: Talk): Promise<void> {
  let got: Buffer = Buffer.alloc(0);
  try {
    await talk.take((unread) => {
      got = unread.subarray(0, wanted.length);
      if (!got.equals(wanted.subarray(0, got.length))) throw unexpected(quote(wanted), got);
      return got.length < wanted.length ? undefined : { used: wanted.length, value: true };
    });
  } catch (error) {
    const failure = isHangUp(error) && got.length > 0 ? unexpected(quote(wanted), got) : error;
    if (failure instanceof ProbeFailure && failure.reason === 'unexpected_response')
      talk.sample(EXPECT_FAMILIES.bytes, 1);
    throw failure;
  }
}

/** The peer's lines, and how much work looking at them has been. */
class Lines {
  readonly #talk: Talk;
  #work = 0;
  #last = '';

  constructor(talk: Talk) {
    this.#talk = talk;
  }

  /** Looks at line after line until one matches. The last one before the peer hangs up needs no end. */
  async find(pattern: Pattern): Promise<Match> {
    this.#last = '';
    try {
      for (;;) {
        const match = (await this.#inLines(pattern)) ?? (await this.#inPrompt(pattern));
        if (match !== undefined) return match;
      }
    } catch (error) {
      if (!isHangUp(error)) throw error;
      return this.#atEnd(pattern, error);
    }
  }

  async #atEnd(pattern: Pattern, hangUp: ProbeFailure): Promise<Match> {
    const rest = await this.#talk.toEnd();
    const match = rest.length === 0 ? undefined : this.#look(pattern, rest);
    if (match !== undefined) return match;
    this.#talk.sample(EXPECT_FAMILIES.regex, 1);
    if (this.#last === '') throw hangUp;
    throw this.#mismatch(pattern);
  }

  /** What matches in the lines that have ended, as soon as there is one that does or one that has not ended; undefined for that. */
  #inLines(pattern: Pattern): Promise<Match | undefined> {
    return this.#talk.take((unread) => {
      let from = 0;
      for (let end = unread.indexOf(0x0a); end >= 0; end = unread.indexOf(0x0a, from)) {
        const match = this.#look(pattern, unread.subarray(from, end));
        from = end + 1;
        if (match !== undefined) return { used: from, value: match };
      }
      return from < unread.length || from > 0 ? { used: from, value: undefined } : undefined;
    });
  }

  /** The same in a line without an end, when nothing follows it for a while. Waits for more when it does not match. */
  async #inPrompt(pattern: Pattern): Promise<Match | undefined> {
    const prompt = await this.#talk.take((unread) => ({ used: 0, value: unread }));
    if (prompt.length === 0) return undefined;
    const more = (unread: Buffer) => (unread.length > prompt.length ? { used: 0, value: true } : undefined);
    if (await this.#talk.takeWithin(PROMPT_MS, more)) return undefined;
    const match = this.#look(pattern, prompt);
    await this.#talk.take((unread) => (match === undefined ? more(unread) : { used: prompt.length, value: true }));
    return match;
  }

  #look(pattern: Pattern, line: Buffer): Match | undefined {
    const end = line.at(-1) === 0x0d ? line.length - 1 : line.length;
    this.#work += (end + 1) * pattern.cost + LINE_WORK;
    if (this.#work > MOST_WORK)
      throw new ProbeFailure('unexpected_response', 'the peer says more than a pattern of this size is held against');
    const text = line.subarray(0, end);
    if (text.length > 0) this.#last = words(text);
    const match = pattern.find(text);
    this.#talk.doubt = match === undefined && this.#last !== '' ? this.#mismatch(pattern) : undefined;
    return match;
  }

  #mismatch(pattern: Pattern): ProbeFailure {
    return unexpected(`a line that matches ${JSON.stringify(words(pattern.source))}`, this.#last);
  }
}

function isHangUp(error: unknown): error is ProbeFailure {
  return error instanceof ProbeFailure && error.reason === 'closed_early';
}
