import type { z } from 'zod';
import type { AddressForm, Endpoint } from '../core/endpoint.ts';
import type { CheckSample, ProbeResult } from '../core/result.ts';
import type { Talk } from './talk.ts';

/** How a service speaks TLS, and what happens where the configuration says nothing of it. */
export type TlsAbility = {
  /** TLS from the first byte. */
  readonly direct?: true;
  /** The service's own way to change to TLS within the talk. */
  readonly starttls?: true;
  /**
   * Without any word of TLS in the configuration: not at all (absent), from the first byte, or by the service's own way where it offers
   * that (`offered`: then only an expired certificate fails the probe, as nobody said whom to trust).
   */
  readonly unasked?: 'direct' | 'offered';
  /** Its servers have certificates of private authorities: unless the configuration names one, only the expiry is judged. */
  readonly privateAuthority?: true;
};

/**
 * How the peer is reached: by a connection, the default, or by datagrams. `none`: the check is told the address and does the rest itself;
 * `unresolved`: it is told the name only, and not even that is looked up.
 */
export type Transport = 'tcp' | 'udp' | 'none' | 'unresolved';

/** Where a probe goes, and whether it begins in TLS. */
export type Whither = { readonly endpoint: Endpoint; readonly inTls: boolean };

/** What a URL begins with, its usual port, and whether that is TLS from the first byte. */
type Scheme = { readonly name: string; readonly port: number; readonly inTls: boolean };

/** A metric family that a check has of its own. */
export type CheckFamily = { readonly name: string; readonly help: string };

/**
 * One protocol: how to find out whether the server behind a port is what it should be and able to serve, without credentials and without
 * leaving a trace. Everything else follows from this object: the names in YAML, /probe?module=, help, metrics, deadlines, reasons, TLS,
 * the goodbye, the contract tests.
 */
export type Check<Options = unknown> = {
  /** In `service:` and `/probe?module=`. */
  readonly name: string;
  /** Its usual ports, the first one assumed by name://host. A bare host:port is labelled by them. */
  readonly ports: readonly number[];
  /** These ports are somebody else's as a rule: a bare host:port is not labelled by them. */
  readonly sharesPorts?: true;
  /** One line for the documentation: what is said and what proves the service. */
  readonly summary: string;
  readonly tls: TlsAbility;
  /** What may be written under `options:`; every key is optional. */
  readonly options: z.ZodType<Options>;
  /** The names of these keys, where the schema is not a plain object of them. */
  readonly optionNames?: readonly string[];
  /** The options as they would be written, where they are not kept as they were. */
  readonly written?: (options: Options) => object;
  /** What its addresses are, where that is not host:port. */
  readonly form?: AddressForm;
  /** The phase that the dialogue is, where it only finds out whether somebody is there; `handshake` without. */
  readonly phase?: 'connect';
  /** For URLs: their schemes, the one that goes without saying first. */
  readonly schemes?: readonly Scheme[];
  readonly transport?: (options: Options, to: Whither) => Transport;
  /** What may be spoken within TLS, by the names that TLS agrees on, most wanted first. Source: RFC 7301. */
  readonly applicationProtocols?: (options: Options) => readonly string[];
  /** The name to ask TLS for, where the options have one and the configuration of TLS does not. */
  readonly serverName?: (options: Options) => string | undefined;
  /** The options for a target that is called so, whatever its address is: /probe?hostname=. */
  readonly named?: (options: Options, hostname: string) => Options;
  readonly families?: readonly CheckFamily[];
  /**
   * Every sample of its families, of the whole result: for those whose readers expect a value also where the dialogue never began. Without
   * it they are what the dialogue has noted.
   */
  readonly report?: (result: ProbeResult, options: Options) => readonly CheckSample[];
  /** What a configuration is told that works but is not wise, with that timeout in milliseconds. */
  readonly advice?: (options: Options, timeoutMs: number) => string | undefined;
  /**
   * The service holds silence against its clients (logs, counters, bans): a plain connect, and TLS whose certificate will not do, end with
   * its dialogue too, whose outcome does not count.
   */
  readonly punishesSilence?: true;
  /** What it has learnt of a target stays true through failures; that of other checks is forgotten with the first one. */
  readonly remembersThroughFailures?: true;
  /** The most probes a second, all targets of one address together, that the server does not hold against us. */
  readonly mostPerSecond?: number;
  /**
   * The dialogue. Returns when the service has proved itself; throws ProbeFailure (service_unavailable, unexpected_response ...) when it
   * has not. Deadline, phases, TLS, goodbye and the socket are the frame's.
   */
  readonly run: (talk: Talk, options: Options) => Promise<void>;
};
