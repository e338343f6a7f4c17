import type { Check } from '../checks/check.ts';
import { type GrpcOptions, grpcHealth } from '../checks/grpc.ts';
import { planTls } from '../probe/tls-plan.ts';
import { goFlag, goText, present } from './go-values.ts';
import { anyHeaders, listedOnes, listedTree } from './http-headers.ts';
import { strict } from './leaves.ts';
import { NEWER } from './newer.ts';
import { level, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { dialling, diallingTree, FAMILY, type Way } from './tcp-module.ts';
import { TLS_CONFIG, tlsConfigTree, writtenOf } from './tls-config.ts';
import type { Tree } from './yaml.ts';

const PORT = 80;
const TLS_PORT = 443;

const SHAPE = {
  service: goText('the name of a service').optional(),
  tls: goFlag().optional(),
  tls_config: TLS_CONFIG.optional(),
  metadata: anyHeaders().optional(),
  ...FAMILY,
};

const GRPC = level(strict(SHAPE, undefined, NEWER));

/** Every key of `grpc`. */
export const GRPC_KEYS: readonly string[] = Object.keys(SHAPE);

/** What `grpc` of a module says. Its keys and defaults are blackbox_exporter's: CONFIGURATION.md, <grpc_probe>. */
export function readGrpc(value: unknown, path: Path, report: Report): Way {
  const grpc = readPart(GRPC, present(value) ?? {}, path, report);
  const inTls = grpc.tls === true;
  const plan = inTls ? planTls(grpcHealth, writtenOf(grpc.tls_config ?? {})) : undefined;
  const metadata = Object.freeze(listedOnes(grpc.metadata));
  const options: GrpcOptions = Object.freeze({
    service: grpc.service ?? '',
    ...(metadata.length > 0 && { metadata }),
  });
  return {
    ...dialling(grpc, 6),
    use: Object.freeze({ check: grpcHealth as Check, options }),
    ...(plan?.ok && plan.value && { tls: plan.value }),
    defaultPort: inTls ? TLS_PORT : PORT,
  };
}

/** How `grpc` of a module would be written. */
export function grpcTree(way: Way): Tree {
  const options = way.use?.options as GrpcOptions;
  const metadata = listedTree(options.metadata ?? []);
  return {
    ...diallingTree(way),
    service: options.service,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    tls: way.tls !== undefined,
    ...tlsConfigTree(way.tls),
  };
}
