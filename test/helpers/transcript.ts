import type { ServiceFacts } from '../../src/core/result.ts';
import type { TlsSpec } from '../../src/probe/spec.ts';

/** A server's turn: bytes said unasked, or what it answers to all that the client has said so far, undefined to wait for more. */
export type Turn = Buffer | ((said: Buffer) => Buffer | undefined);

/**
 * One whole talk with a server that is well, as recorded from the real one: the contract tests play it whole, byte by byte, and cut off
 * after each byte. `hangsUp`: the server closes after its last turn.
 */
export type Transcript = {
  readonly title: string;
  readonly service: string;
  readonly options?: unknown;
  readonly tls?: TlsSpec;
  readonly turns: readonly Turn[];
  readonly hangsUp?: true;
  /** What the check makes of it. */
  readonly facts: ServiceFacts;
  /**
   * How many of the server's bytes are proof enough, where that is less than all that it says: cut off after so many, it is still up.
   */
  readonly enough?: number;
};

/** A turn that answers once the client has said exactly this since it connected, at the end of all that it said. */
export function after(expected: Buffer | string, reply: Buffer | string): Turn {
  const bytes = Buffer.from(expected);
  const answer = Buffer.from(reply);
  return (said) => (said.length >= bytes.length && said.subarray(-bytes.length).equals(bytes) ? answer : undefined);
}
