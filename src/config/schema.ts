import { z } from 'zod';
import { EXPECTATIONS } from '../probe/expectation.ts';
import { SEVERITIES } from '../probe/spec.ts';
import { DNS_KEYS, VALIDATE_KEYS } from './dns-module.ts';
import { GRPC_KEYS } from './grpc-module.ts';
import { AUTH_KEYS } from './http-client.ts';
import { HEADER_KEYS } from './http-headers.ts';
import { HEADER_RULE_KEYS, HTTP_KEYS } from './http-module.ts';
import { ICMP_KEYS } from './icmp-module.ts';
import { CHECK_LIST } from './layers.ts';
import { address, choice, count, duration, flag, labels, list, name, rule, service, strict, text } from './leaves.ts';
import { MAINTENANCE } from './maintenance.ts';
import { level } from './parts.ts';
import { STEP_KEYS } from './query-response.ts';
import { TCP_KEYS } from './tcp-module.ts';
import { TARGET_TLS, TLS_CONFIG_KEYS, TLS_KEYS } from './tls-config.ts';
import { UNIX_KEYS } from './unix-module.ts';
import { HTTP_CONFIG_KEYS, WEBSOCKET_KEYS } from './websocket-module.ts';

/** Default timeouts by how far away a group is, in milliseconds. */
export const NETWORKS = { local: 2000, remote: 10_000, vpn: 15_000 } as const;

const NETWORK_NAMES = Object.keys(NETWORKS) as (keyof typeof NETWORKS)[];

const settings = {
  interval: duration().optional(),
  timeout: duration().optional(),
  failures: count().optional(),
  severity: choice(SEVERITIES).optional(),
};

const family = {
  preferred_ip_protocol: choice(['ip4', 'ip6']).optional(),
  ip_protocol_fallback: flag().optional(),
};

const expectation = { expect: choice(EXPECTATIONS).optional() };

const DEFAULTS = strict({ ...settings, ...family });

/** Groups, targets and modules are read one by one, so that one mistake hides no other. */
export const GROUP = level(
  strict({
    name: name(),
    network: choice(NETWORK_NAMES).optional(),
    labels: labels().nullish(),
    ...settings,
    ...expectation,
    targets: z.unknown().optional(),
  }),
);

export const TARGET = level(
  strict(
    {
      name: name().optional(),
      address: address(),
      service: service().optional(),
      check: choice(['connect', 'service']).optional(),
      options: z.unknown().optional(),
      checks: CHECK_LIST.optional(),
      module: text('the name of a module').optional(),
      ...expectation,
      ...settings,
      labels: labels().nullish(),
      tls: TARGET_TLS.optional(),
      depends_on: list(text('text'), 'a list of names or addresses of targets').nullish(),
      ...family,
    },
    'an address or a mapping with at least the key address',
  ),
);

const DISCOVER = strict({ local: flag().optional(), report: flag().optional() });

const PROBE = strict({ allow: list(rule(), 'a list of rules').nullish() });

export const FILE = level(
  strict({
    defaults: DEFAULTS.nullish(),
    groups: z.unknown().optional(),
    discover: DISCOVER.nullish(),
    maintenance: z.unknown().optional(),
    probe: PROBE.nullish(),
    modules: z.unknown().optional(),
  }),
);

/** Every key there is, by where it stands: the reference of the file is checked against it. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(FILE.schema.shape),
  'defaults.': Object.keys(DEFAULTS.shape),
  'groups[].': Object.keys(GROUP.schema.shape),
  'groups[].targets[].': Object.keys(TARGET.schema.shape),
  'groups[].targets[].tls.': TLS_KEYS,
  'discover.': Object.keys(DISCOVER.shape),
  'maintenance[].': Object.keys(MAINTENANCE.schema.shape),
  'probe.': Object.keys(PROBE.shape),
  'modules.*.': ['prober', 'timeout'],
  'modules.*.tcp.': TCP_KEYS,
  'modules.*.tcp.tls_config.': TLS_CONFIG_KEYS,
  'modules.*.tcp.query_response[].': STEP_KEYS,
  'modules.*.dns.': DNS_KEYS,
  'modules.*.dns.validate_*_rrs.': VALIDATE_KEYS,
  'modules.*.http.': HTTP_KEYS,
  'modules.*.http.http_headers.*.': HEADER_KEYS,
  'modules.*.http.fail_if_header_*[].': HEADER_RULE_KEYS,
  'modules.*.http.basic_auth.': AUTH_KEYS.basic_auth,
  'modules.*.http.authorization.': AUTH_KEYS.authorization,
  'modules.*.http.oauth2.': AUTH_KEYS.oauth2,
  'modules.*.grpc.': GRPC_KEYS,
  'modules.*.websocket.': WEBSOCKET_KEYS,
  'modules.*.websocket.headers.*.': HEADER_KEYS,
  'modules.*.websocket.http_config.': HTTP_CONFIG_KEYS,
  'modules.*.unix.': UNIX_KEYS,
  'modules.*.icmp.': ICMP_KEYS,
};
