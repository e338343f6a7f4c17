import { ProbeFailure, type Reason } from '../core/reason.ts';
import type { CheckSample } from '../core/result.ts';
import type { GrpcRequest } from '../net/grpc-connection.ts';
import type { GrpcAnswer } from '../net/grpc-message.ts';
import { numberField, textField } from './grpc-protobuf.ts';
import { quote, unexpected } from './talk.ts';

/** The families that a health check has samples of, as blackbox_exporter has them (prober/grpc.go). */
export const GRPC_FAMILIES = {
  /** By `phase`: resolve, and check for everything after it. */
  duration: 'probe_grpc_duration_seconds',
  ssl: 'probe_grpc_ssl',
  status: 'probe_grpc_status_code',
  serving: 'probe_grpc_healthcheck_response',
} as const;

/** What a server says of a service, by number. Source: grpc.health.v1, HealthCheckResponse.ServingStatus. */
export const SERVING_STATUSES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
type ServingStatus = (typeof SERVING_STATUSES)[number];

/** How a call ended, by number. Source: gRPC, statuscodes.md. */
const STATUS_CODES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;
type StatusCode = (typeof STATUS_CODES)[number];

/** What an answer of HTTP without a status of gRPC counts as; UNKNOWN otherwise. Source: gRPC, http-grpc-status-mapping.md. */
const BY_HTTP_STATUS: Readonly<Record<number, StatusCode>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

/** With these the server says that it is not able now; with any other one that it is not what was expected. */
const NOT_ABLE: readonly string[] = ['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED', 'ABORTED'];

/** How the call ended, and what the server said of the service where it said anything. */
export type Health = { readonly code: number; readonly serving?: ServingStatus };

/** Asks for the health of a service; of the whole server when its name is empty. */
export function healthRequest(
  authority: string,
  service: string,
  metadata: NonNullable<GrpcRequest['metadata']> = [],
): GrpcRequest {
  return { authority, path: '/grpc.health.v1.Health/Check', message: textField(1, service), metadata };
}

/** What an answer says of the service's health. Throws ProbeFailure when it says OK, but not of what. */
export function readHealth({ status, httpStatus, message }: GrpcAnswer): Health {
  const code = status ?? STATUS_CODES.indexOf(BY_HTTP_STATUS[httpStatus] ?? 'UNKNOWN');
  if (code !== 0) return { code };
  const number = message && numberField(1, message);
  const serving = number === undefined ? undefined : SERVING_STATUSES[number];
  if (serving === undefined) throw unexpected('a HealthCheckResponse', message ?? 'nothing');
  return { code, serving };
}

/** The samples of what was found out, as blackbox_exporter shows it. */
export function healthSamples({ code, serving }: Health, inTls: boolean): readonly CheckSample[] {
  const sample = (name: string, value: number, labels = {}): CheckSample => ({ name, labels, value });
  return [
    sample(GRPC_FAMILIES.ssl, Number(inTls)),
    sample(GRPC_FAMILIES.status, code),
    ...SERVING_STATUSES.map((status) =>
      sample(GRPC_FAMILIES.serving, Number(status === serving), { serving_status: status }),
    ),
  ];
}

/** Throws ProbeFailure unless the service is serving. */
export function judgeHealth({ code, serving }: Health, answer: GrpcAnswer, service: string): void {
  if (serving === 'SERVING') return;
  const whom = service === '' ? 'the server as a whole' : `the service ${quote(service)}`;
  const name = STATUS_CODES[code] ?? `code ${code}`;
  if (serving === 'SERVICE_UNKNOWN' || name === 'NOT_FOUND')
    throw new ProbeFailure('unexpected_response', `the server does not know ${whom}`);
  if (serving !== undefined) throw new ProbeFailure('service_unavailable', `${whom} is ${serving}`);
  const said = answer.status === undefined ? httpWords(answer) : `${name}${inQuotes(answer.statusMessage)}`;
  if (name === 'UNIMPLEMENTED')
    throw new ProbeFailure('unexpected_response', `there is no health service (grpc.health.v1.Health): ${said}`);
  const reason: Reason = NOT_ABLE.includes(name) ? 'service_unavailable' : 'unexpected_response';
  throw new ProbeFailure(reason, `the health check ended with ${said}`);
}

function httpWords({ httpStatus, contentType }: GrpcAnswer): string {
  return `HTTP status ${httpStatus} instead of gRPC${contentType === '' ? '' : `, content type ${quote(contentType)}`}`;
}

function inQuotes(words: string): string {
  return words === '' ? '' : ` ${quote(words)}`;
}
