import { expect, vi } from 'vitest';
import { parseAddress } from '../../src/checks/address.ts';
import type { Check } from '../../src/checks/check.ts';
import { serviceByName } from '../../src/checks/registry.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { Fleet } from '../../src/probe/fleet.ts';
import type { Policy } from '../../src/probe/policy.ts';
import type { ProbeSpec, TlsSpec } from '../../src/probe/spec.ts';
import { States } from '../../src/probe/state.ts';
import type { World } from '../../src/probe/world.ts';
import { ANY, spec, testWorld } from './world.ts';

/** How a visitor looks at a service. Without `service` it only connects. */
export type Visit = {
  readonly service?: string;
  readonly options?: unknown;
  readonly tls?: TlsSpec;
  readonly timeoutMs?: number;
  readonly sourceIp?: string;
  /** Only the connect counts; the service's dialogue is there to leave well. */
  readonly courtesy?: true;
  /** Who may be probed; everybody without. */
  readonly policy?: Policy;
};

/** One exporter's eyes on one service: what its checks have learnt of it is kept from visit to visit. An address may be a URL. */
export class Visitor {
  readonly world: World;
  readonly #fleet: Fleet;
  readonly #spec: ProbeSpec;
  readonly #policy: Policy;

  constructor(address: string, how: Visit, world = testWorld()) {
    const { options = {}, tls, timeoutMs = 5000, sourceIp, courtesy, policy = ANY } = how;
    const read = parseAddress(address);
    if (!read.ok) throw new Error(read.problem);
    const { endpoint, resource } = read.value;
    const service = how.service ?? read.value.service;
    const check = service === undefined ? undefined : serviceByName(service)?.check;
    if (how.service !== undefined && check === undefined) throw new Error(`there is no check for ${service}`);
    this.world = world;
    this.#fleet = new Fleet(world, new States());
    this.#policy = policy;
    this.#spec = spec(endpoint, {
      timeoutMs,
      ...(resource !== undefined && { resource }),
      ...(tls && { tls }),
      ...(sourceIp && { sourceIp }),
      ...(check && { use: { check, options: check.options.parse(options), ...(courtesy && { courtesy }) } }),
    });
  }

  /** Probes once, and waits until nothing of it is left: no socket, no listener. */
  async probe(): Promise<ProbeResult> {
    const { timeoutMs } = this.#spec;
    const { results } = await this.#fleet.round([{ spec: this.#spec }], {
      windowMs: timeoutMs + 2000,
      policy: this.#policy,
    });
    await vi.waitFor(() => expect(this.world.dialer.inFlight).toBe(0), { interval: 1, timeout: 5000 });
    return results[0] as ProbeResult;
  }

  /** Probes so many times, one after the other: how often each outcome came ("up" or the reason). */
  async probes(count: number): Promise<Readonly<Record<string, number>>> {
    const tally: Record<string, number> = {};
    for (let i = 0; i < count; i++) {
      const { failure } = await this.probe();
      const outcome = failure === undefined ? 'up' : `${failure.reason} in ${failure.phase}: ${failure.detail}`;
      tally[outcome] = (tally[outcome] ?? 0) + 1;
    }
    return tally;
  }
}

/** Whether a check with these options talks over a connection, and not by datagrams or on its own. */
export function speaksTcp(check: Check, options: unknown): boolean {
  const to = { endpoint: { host: '127.0.0.1', port: 1 }, inTls: false };
  return (check.transport?.(check.options.parse(options), to) ?? 'tcp') === 'tcp';
}

/** Looks once. */
export function visit(address: string, how: Visit, world = testWorld()): Promise<ProbeResult> {
  return new Visitor(address, how, world).probe();
}
