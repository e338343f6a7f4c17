import type { ClientAuth } from '../net/server-tls.ts';
import type { Part } from './parts.ts';
import type { Path } from './path.ts';
import type { Report, Warn } from './problems.ts';
import type { TLS_SERVER } from './web-schema.ts';

/** Where the section stands in the file. */
export const TLS_PATH: Path = ['tls_server_config'];

/** How the file is read. */
export type Reading = {
  /** What names of files are relative to. */
  readonly directory: string;
  readonly report: Report;
  readonly warn: Warn;
  /** Told of every file that is named: when one changes, all is to be read again. */
  readonly names: (file: string) => void;
};

/** `tls_server_config`: as it is in the file, and what of it is right. */
export type Section = {
  readonly value: unknown;
  readonly written: Part<typeof TLS_SERVER>;
  readonly clientAuth: ClientAuth;
};

type Key = keyof (typeof TLS_SERVER)['schema']['shape'];

/** Whether the file says something under one of the keys, right or wrong: what is wrong has been reported, and is not missing. */
export function isSaid({ value }: Section, ...keys: readonly Key[]): boolean {
  const said = (value ?? {}) as Readonly<Record<string, unknown>>;
  return keys.some((key) => said[key] !== undefined && said[key] !== null && said[key] !== '');
}
