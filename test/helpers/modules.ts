import { expect } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { Fleet } from '../../src/probe/fleet.ts';
import type { Policy } from '../../src/probe/policy.ts';
import { type Module, tlsTowards } from '../../src/probe/spec.ts';
import { States } from '../../src/probe/state.ts';
import type { World } from '../../src/probe/world.ts';
import { ANY, spec, testWorld } from './world.ts';

/** The module as a file would have it: text is YAML, anything else goes as JSON. */
function moduleOf(written: unknown): Module {
  const text = typeof written === 'string' ? written : JSON.stringify(written);
  const loaded = loadConfig('m.yml', `modules:\n  m: ${text}\n`, { listeners: () => [] });
  const module = loaded.ok ? loaded.config.modules.get('m') : undefined;
  if (module === undefined) throw new Error(loaded.ok ? 'the module is not usable' : JSON.stringify(loaded.problems));
  return module;
}

/** Probes a port of this machine once with a module, and waits until nothing of it is left. */
export async function probeWith(
  written: unknown,
  port: number,
  {
    timeoutMs = 3000,
    host = '127.0.0.1',
    world = testWorld(),
    policy = ANY,
    resource,
    inTls = false,
  }: {
    timeoutMs?: number;
    host?: string;
    world?: World;
    policy?: Policy;
    resource?: string;
    /** The target was written as one in TLS: https://. */
    inTls?: boolean;
  } = {},
): Promise<ProbeResult> {
  const { name: _, tls: later, ...way } = moduleOf(written);
  const tls = tlsTowards(later, inTls);
  const further = { ...(tls && { tls }), ...(resource !== undefined && { resource }) };
  const request = { spec: spec({ host, port }, { ...way, ...further, timeoutMs }) };
  const { results } = await new Fleet(world, new States()).round([request], {
    windowMs: timeoutMs + 2000,
    policy,
  });
  await expect.poll(() => world.dialer.inFlight, { interval: 1, timeout: 5000 }).toBe(0);
  return results[0] as ProbeResult;
}
