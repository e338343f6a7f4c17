import { type Failure, isExporterError, type ProbeResult } from '../core/result.ts';

/**
 * What a service stands on, bottom first: the port accepts connections, TLS is agreed, the service answers (in HTTP with the right status),
 * with the right content, fast enough.
 */
export const LAYERS = ['port', 'tls', 'service', 'http', 'keyword', 'response_time'] as const;
export type Layer = (typeof LAYERS)[number];

/** The layer of a target that a result's failure belongs to: the lowest that it breaks, of those that the target has. */
export function brokenLayer({ failure, phases }: ProbeResult, layers: readonly Layer[]): Layer | undefined {
  if (failure === undefined) return undefined;
  const lowest = LAYERS.indexOf(layerOf(failure, phases));
  return layers.find((layer) => LAYERS.indexOf(layer) >= lowest) ?? layers.at(-1);
}

/** Where the target has sent us to, nothing is a layer of its own: that is what it answers. A connect that has ended has failed there, too. */
function layerOf({ phase, reason, elsewhere }: Failure, phases: ProbeResult['phases']): Layer {
  const isOwn = phases.connect === undefined || (phase === 'tls' && elsewhere !== true);
  if (isOwn && phase !== 'handshake') return phase === 'tls' ? 'tls' : 'port';
  if (reason === 'content_mismatch') return 'keyword';
  return reason === 'too_slow' ? 'response_time' : 'service';
}

/** How people are told which layer is broken. */
export function brokenText(layer: Layer): string {
  return `broken at the layer ${layer}`;
}

/** How layers did, bottom first: what lies above a broken one is not known, nor is anything where the exporter was at fault. */
export function layerStates(layers: readonly Layer[], result: ProbeResult): readonly (readonly [Layer, boolean])[] {
  if (isExporterError(result)) return [];
  const broken = brokenLayer(result, layers);
  const reached = broken === undefined ? layers : layers.slice(0, layers.indexOf(broken) + 1);
  return reached.map((layer) => [layer, layer !== broken] as const);
}
