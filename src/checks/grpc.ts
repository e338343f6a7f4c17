import { z } from 'zod';
import { toSeconds } from '../core/duration.ts';
import { formatEndpoint } from '../core/endpoint.ts';
import type { CheckSample, ProbeResult } from '../core/result.ts';
import { GrpcConnection } from '../net/grpc-connection.ts';
import { readSecret, type Secret } from '../net/secret.ts';
import type { Check } from './check.ts';
import {
  GRPC_FAMILIES,
  healthRequest,
  healthSamples,
  judgeHealth,
  readHealth,
  SERVING_STATUSES,
} from './grpc-health.ts';
import type { Talk } from './talk.ts';

/** `service` is the one whose health is asked for; the server's own when it is empty. */
export type GrpcOptions = {
  readonly service: string;
  readonly metadata?: readonly (readonly [name: string, value: Secret])[];
};

const GRPC = {
  families: [
    { name: GRPC_FAMILIES.duration, help: 'How long the phases of a gRPC call took; 0 for one that did not complete.' },
    { name: GRPC_FAMILIES.ssl, help: 'Whether the gRPC call was in TLS.' },
    { name: GRPC_FAMILIES.status, help: 'The status that the gRPC call ended with.' },
    { name: GRPC_FAMILIES.serving, help: 'What the gRPC server says of the health of the service: 1 for what it is.' },
  ],
  report,
  applicationProtocols: () => ['h2'],
  run: ask,
} as const satisfies Partial<Check<GrpcOptions>>;

/** Any gRPC server with the standard health service. Source: gRPC, health-checking.md. */
export const grpc: Check<GrpcOptions> = {
  ...GRPC,
  name: 'grpc',
  ports: [50051],
  summary: '`grpc.health.v1.Health/Check` of the server, or of the `service` in the options, is answered `SERVING`',
  tls: { direct: true },
  options: z.strictObject({
    service: z.string({ error: 'must be the name of a service, such as orders.v1.Orders' }).max(1000).default(''),
  }),
};

/** The same as the configuration of modules writes it. Source: blackbox_exporter, CONFIGURATION.md, <grpc_probe>. */
export const grpcHealth: Check<GrpcOptions> = {
  ...GRPC,
  name: 'grpc',
  ports: [],
  summary: 'a health check, which must be answered with SERVING',
  tls: { direct: true },
  schemes: [
    { name: 'http', port: 80, inTls: false },
    { name: 'https', port: 443, inTls: true },
  ],
  // Made by whoever reads the configuration, never written under `options:`.
  options: z.custom<GrpcOptions>((value) => typeof value === 'object' && value !== null && 'service' in value),
};

async function ask(talk: Talk, { service, metadata = [] }: GrpcOptions): Promise<void> {
  const { socket, isSecure } = talk.lend();
  const connection = new GrpcConnection(socket);
  talk.goodbye = () => connection.leave();
  const startedAt = talk.now();
  const named = metadata.map(([name, value]) => [name, readSecret(value, `the metadata ${name}`)] as const);
  const answer = await connection.call(healthRequest(formatEndpoint(talk.endpoint), service, named));
  talk.sample(GRPC_FAMILIES.duration, (talk.arrival() - startedAt) / 1000, { phase: 'check' });
  const health = readHealth(answer);
  for (const { name, value, labels } of healthSamples(health, isSecure)) talk.sample(name, value, labels);
  judgeHealth(health, answer, service);
}

/** As gRPC itself counts calls that have got no answer. Source: gRPC, statuscodes.md. */
const [DEADLINE_EXCEEDED, UNAVAILABLE] = [4, 14];

/** Every sample, as blackbox_exporter has them: connecting is a part of the check there. */
function report({ phases, failure, samples = [] }: ProbeResult): readonly CheckSample[] {
  const { resolve = 0, connect = 0, tls = 0 } = phases;
  const noted = (name: string) => samples.filter((one) => one.name === name);
  const isResolved = failure?.phase !== 'resolve';
  const check = (noted(GRPC_FAMILIES.duration)[0]?.value ?? 0) * 1000 + connect + tls;
  const took = { resolve, ...(isResolved && { check }) };
  const unanswered = failure?.reason === 'timeout' ? DEADLINE_EXCEEDED : UNAVAILABLE;
  const serving = noted(GRPC_FAMILIES.serving);
  return [
    ...Object.entries(took).map(([phase, ms]) => {
      return { name: GRPC_FAMILIES.duration, labels: { phase }, value: toSeconds(ms) };
    }),
    noted(GRPC_FAMILIES.ssl)[0] ?? { name: GRPC_FAMILIES.ssl, labels: {}, value: 0 },
    noted(GRPC_FAMILIES.status)[0] ?? { name: GRPC_FAMILIES.status, labels: {}, value: isResolved ? unanswered : 0 },
    ...(serving.length > 0 ? serving : NOT_KNOWN),
  ];
}

const NOT_KNOWN: readonly CheckSample[] = SERVING_STATUSES.map((status) => {
  return { name: GRPC_FAMILIES.serving, labels: { serving_status: status }, value: 0 };
});
