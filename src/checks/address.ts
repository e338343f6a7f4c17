import { type Address, type Parsed, readAddress } from '../core/endpoint.ts';
import { serviceByName } from './registry.ts';

/** Reads host:port, [v6]:port, service://host and service://host:port, with the services there are. */
export function parseAddress(text: string): Parsed<Address> {
  return readAddress(text, serviceByName);
}
