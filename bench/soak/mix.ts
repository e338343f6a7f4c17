import { whole } from '../format.ts';
import { PORTS } from '../ports.ts';
import { host, range } from '../targets.ts';

/** What the targets of a soak are, each kind in a network of its own. */
const KINDS = ['plain', 'closed', 'silent', 'flapping', 'http', 'tls', 'spare'] as const;
type Kind = (typeof KINDS)[number];

/** How many of 10,000 are of the kind; the rest is plain. */
const SHARES = { closed: 600, silent: 300, flapping: 500, http: 500, tls: 100 } as const;

/** How many plain targets give way to others, or come back, with each reload. */
const CHANGED = 100;
const FLAP_SCRAPES = 7;
const SILENT_TIMEOUT = '300ms';
/** Others use the machine too: a peer that is slow because of them must not be taken for one that is down. */
const PATIENCE = '30s';

/** The hosts of each kind after so many reloads. `spare`: plain ones that are configured after every other reload. */
export type Mix = Readonly<Record<Kind, readonly string[]>>;

export function mix(targets: number, reloads: number): Mix {
  const share = (kind: keyof typeof SHARES) => Math.round((SHARES[kind] * targets) / 10_000);
  const hosts = (kind: Kind, count: number) => range(count, (i) => host(KINDS.indexOf(kind) + 1, i));
  const rest = Object.keys(SHARES).reduce((left, kind) => left - share(kind as keyof typeof SHARES), targets);
  const spare = reloads % 2 === 0 ? 0 : Math.min(CHANGED, rest);
  return {
    plain: hosts('plain', rest - spare),
    spare: hosts('spare', spare),
    closed: hosts('closed', share('closed')),
    silent: hosts('silent', share('silent')),
    flapping: hosts('flapping', share('flapping')),
    http: hosts('http', share('http')),
    tls: hosts('tls', share('tls')),
  };
}

/** How many targets there are of each kind, in words. */
export function kindsOf(targets: number): string {
  const { plain, closed, silent, flapping, http, tls } = mix(targets, 0);
  const parts = [
    `${whole(plain.length)} TCP`,
    `${whole(closed.length)} closed`,
    `${whole(silent.length)} Redis that never answer (timeout ${SILENT_TIMEOUT})`,
    `${whole(flapping.length)} down or up for ${FLAP_SCRAPES} scrapes in turn`,
    `${whole(http.length)} HTTP with four layers`,
    `${whole(tls.length)} TLS with its certificate judged`,
  ];
  return `${whole(targets)}: ${parts.join(', ')}`;
}

/** Whether the flapping ones are up in that scrape. */
export function flapsUp(scrape: number): boolean {
  return Math.floor(scrape / FLAP_SCRAPES) % 2 === 0;
}

/** What a scrape must say of each host: "up", or the reason. */
export function expected(hosts: Mix, scrape: number): ReadonlyMap<string, string> {
  const verdicts: Readonly<Record<Kind, string>> = {
    plain: 'up',
    spare: 'up',
    closed: 'connection_refused',
    silent: 'timeout',
    flapping: flapsUp(scrape) ? 'up' : 'connection_refused',
    http: 'up',
    tls: 'up',
  };
  return new Map(KINDS.flatMap((kind) => hosts[kind].map((name) => [name, verdicts[kind]] as const)));
}

/** The exporter's configuration. `authority`: the file with the certificate that the TLS targets show. */
export function configuration(hosts: Mix, authority: string): string {
  const tls = `tls: { server_name: localhost, ca_file: ${JSON.stringify(authority)} }`;
  const layers = `checks: [port, { http: { path: /health, status: 200 } }, { keyword: { contains: all is well } }, { response_time: ${PATIENCE} }]`;
  return [
    `defaults: { interval: 60s, timeout: ${PATIENCE} }\n`,
    'groups:\n',
    group(
      'plain',
      [...hosts.plain, ...hosts.spare].map((name) => `${name}:${PORTS.target}`),
    ),
    group(
      'closed',
      hosts.closed.map((name) => `${name}:${PORTS.closed}`),
    ),
    group(
      'silent',
      hosts.silent.map((name) => mapping(name, PORTS.target, `service: redis, timeout: ${SILENT_TIMEOUT}`)),
    ),
    group(
      'flapping',
      hosts.flapping.map((name) => `${name}:${PORTS.flapping}`),
    ),
    group(
      'http',
      hosts.http.map((name) => mapping(name, PORTS.http, layers)),
    ),
    group(
      'tls',
      hosts.tls.map((name) => mapping(name, PORTS.tls, tls)),
    ),
  ].join('');
}

function group(name: string, targets: readonly string[]): string {
  const lines = targets.map((target) => `      - ${target}\n`).join('');
  return targets.length === 0 ? '' : `  - name: ${name}\n    targets:\n${lines}`;
}

function mapping(name: string, port: number, rest: string): string {
  return `{ address: "${name}:${port}", ${rest} }`;
}
