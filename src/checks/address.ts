import { type Address, type Parsed, readAddress } from '../core/endpoint.ts';
import { serviceByName } from './registry.ts';

/** Reads host:port, [v6]:port, service://host and service://host:port, with the services there are; a host alone where there is a default port. */
export function parseAddress(text: string, defaultPort?: number): Parsed<Address> {
  return readAddress(text, serviceByName, defaultPort);
}
