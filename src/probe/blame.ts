import { type Endpoint, formatEndpoint } from '../core/endpoint.ts';
import type { Phase, Reason } from '../core/reason.ts';
import type { Failure } from '../core/result.ts';
import { classify, describe } from '../net/classify.ts';
import { isAlert } from '../net/tls.ts';

/** What an error in that phase comes to. `connectionless`: the talk is by datagrams. */
export function blame(error: unknown, phase: Phase, connectionless: boolean): Failure {
  const reason = classify(error, phase);
  return { reason, phase: phaseOf(error, reason, phase, connectionless), detail: describe(error) };
}

/** A TLS alert is about TLS, however late it comes; and where no connection is made, that nobody listens is told by the first answer. */
function phaseOf(error: unknown, reason: Reason, phase: Phase, connectionless: boolean): Phase {
  if (error instanceof Error && isAlert(error)) return 'tls';
  const unreachable = reason === 'connection_refused' || reason.endsWith('_unreachable');
  return connectionless && unreachable ? 'connect' : phase;
}

/** A failure of a probe that was busy with `other` than its own endpoint: a phase of a connection is then not the target's. */
export function placed(failure: Failure, other: Endpoint | undefined, own: Endpoint): Failure {
  const isElsewhere = other !== undefined && formatEndpoint(other) !== formatEndpoint(own);
  return isElsewhere && failure.phase !== 'handshake' ? { ...failure, elsewhere: true } : failure;
}
