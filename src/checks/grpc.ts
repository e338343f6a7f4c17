import { z } from 'zod';
import type { Check } from './check.ts';

/** `service` is the one whose health is asked for; the server's own when it is empty. */
export type GrpcOptions = { readonly service: string };

/** The health of a gRPC server. */
export const grpcHealth: Check<GrpcOptions> = {
  name: 'grpc',
  ports: [443],
  summary: 'a health check, which must be answered with SERVING',
  tls: { direct: true },
  options: z.custom<GrpcOptions>((value) => typeof value === 'object' && value !== null && 'service' in value),
  run: () => Promise.reject(new Error('not written yet')),
};
