import type { AddressForm } from '../core/endpoint.ts';
import * as all from './all.ts';
import type { Check } from './check.ts';
import { dnsQuery } from './dns-query.ts';
import { grpcHealth } from './grpc.ts';
import { httpProbe } from './http.ts';
import { icmpEcho } from './icmp.ts';
import { websocket } from './websocket.ts';

/** A kind of server, by the names and ports it is registered under. Without `check` it is a name for a plain connect. */
export type Service = {
  readonly name: string;
  readonly ports: readonly number[];
  readonly check?: Check;
  readonly form?: AddressForm;
};

/** Services that have a name here but no handshake of their own. */
const PLAIN: readonly Service[] = [
  { name: 'tcp', ports: [] },
  { name: 'unix', ports: [], form: 'path' },
];

/** Every check of a service, by name. */
export const CHECKS: readonly Check[] = Object.values(all).map((check) => check as Check);

/** Checks that only modules have: they are no services. */
export const PROBERS: readonly Check[] = [dnsQuery, httpProbe, grpcHealth, icmpEcho, websocket].map(
  (check) => check as Check,
);

/** Every service that `service:` may name. A bare host:port is labelled by its port. */
export const SERVICES: readonly Service[] = [
  ...CHECKS.map((check) => ({ name: check.name, ports: check.ports, check, ...(check.form && { form: check.form }) })),
  ...PLAIN,
].toSorted((a, b) => (a.name < b.name ? -1 : 1));

const BY_NAME = new Map(SERVICES.map((service) => [service.name, service]));
const BY_PORT = new Map(
  SERVICES.filter(({ check }) => check?.sharesPorts !== true).flatMap(({ name, ports }) =>
    ports.map((port) => [port, name] as const),
  ),
);

/** The service of that name, or undefined. */
export function serviceByName(name: string): Service | undefined {
  return BY_NAME.get(name);
}

/** What usually listens on the port: the `service` label of a bare host:port, "tcp" when unknown. */
export function serviceByPort(port: number): string {
  return BY_PORT.get(port) ?? 'tcp';
}
