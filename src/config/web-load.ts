import { dirname, resolve } from 'node:path';
import { versionOf } from '../net/pem.ts';
import { formatProblem, type Problem } from './config.ts';
import { readText } from './document.ts';
import { present } from './go-values.ts';
import { readPart } from './parts.ts';
import { type Finding, toProblems } from './problems.ts';
import type { RateLimit, WebConfig } from './web-config.ts';
import { HTTP_SERVER, RATE_LIMIT, WEB_FILE } from './web-schema.ts';
import { readTlsServer } from './web-tls.ts';
import type { Reading } from './web-tls-section.ts';
import { readUsers } from './web-users.ts';

/** What a text says, or all that is wrong with it; and the files that it names, good or bad, with what told their content from another. */
export type LoadedWeb = { readonly files: ReadonlyMap<string, string> } & (
  | { readonly ok: true; readonly config: WebConfig; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }
);

/**
 * Reads the file of --web.config.file, with the certificates and keys that it names. Empty is a file that protects nothing. Never throws,
 * whatever the text. Source: Prometheus' exporter-toolkit, docs/web-configuration.md.
 */
export function loadWebConfig(file: string, text: string): LoadedWeb {
  const read = readText(text);
  const findings: Finding[] = [...read.problems];
  const files = new Map<string, string>();
  const warnings: string[] = [];
  const config = understand(read.value, {
    directory: dirname(resolve(file)),
    report: (finding) => findings.push(finding),
    warn: (warning) => warnings.push(warning),
    // Before reading: what is written meanwhile is a change.
    names: (named) => files.set(named, versionOf(named)),
  });
  if (findings.length > 0) return { ok: false, problems: toProblems(file, findings, read.locate), files };
  warnings.unshift(...toProblems(file, read.warnings, read.locate).map(formatProblem));
  return { ok: true, config, warnings, files };
}

const OPEN =
  'the web configuration has neither TLS nor users: it protects nothing, everybody may use the web side in plain HTTP';

function understand(value: unknown, reading: Reading): WebConfig {
  const { report, warn } = reading;
  const file = readPart(WEB_FILE, value ?? {}, [], report);
  const http = readPart(HTTP_SERVER, present(file.http_server_config ?? {}), ['http_server_config'], report);
  const tls = readTlsServer(file.tls_server_config, http.http2 ?? true, reading);
  const users = readUsers(file.basic_auth_users, ['basic_auth_users'], report, warn);
  const rateLimit = readRateLimit(file.rate_limit, reading);
  if (tls === undefined && users.size === 0) warn(OPEN);
  const headers = Object.entries(http.headers ?? {}).filter(([, text]) => text !== '' && text !== undefined);
  return Object.freeze({
    users,
    headers: Object.freeze(Object.fromEntries(headers) as Record<string, string>),
    ...(tls && { tls }),
    ...(rateLimit && { rateLimit }),
  });
}

/** Less than nothing between two requests is no limit, as for Go. */
function readRateLimit(value: unknown, { report, warn }: Reading): RateLimit | undefined {
  const written = readPart(RATE_LIMIT, present(value ?? {}), ['rate_limit'], report);
  const { burst = 0, interval = 0 } = written;
  if (written.burst !== undefined && written.interval === undefined)
    warn('rate_limit.burst is not used: without interval there is no limit');
  if (interval <= 0) return undefined;
  if (burst < 1) warn(`rate_limit.burst is ${burst}: every request is refused`);
  return { burst, intervalMs: interval };
}
