import { z } from 'zod';
import { SEVERITIES } from '../probe/spec.ts';
import {
  address,
  choice,
  count,
  duration,
  flag,
  labels,
  list,
  name,
  rule,
  serverName,
  service,
  strict,
  words,
} from './leaves.ts';

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

/** Each level of the file. Lists of groups and targets, and modules, are read one by one, so that one mistake hides no other. */
export const DEFAULTS = strict({ ...settings, ...family });

export const GROUP = strict({
  name: name(),
  network: choice(NETWORK_NAMES).optional(),
  labels: labels().nullish(),
  ...settings,
  targets: z.unknown().optional(),
});

export const TLS = strict(
  { server_name: serverName().optional() },
  'true, false or a mapping with the key server_name',
);

export const TARGET = strict(
  {
    name: name().optional(),
    address: address(),
    service: service().optional(),
    check: choice(['connect', 'service']).optional(),
    ...settings,
    labels: labels().nullish(),
    tls: z.preprocess(tlsForm, TLS.nullable()).optional(),
    depends_on: words('a list of names or addresses of targets').nullish(),
    ...family,
  },
  'an address or a mapping with at least the key address',
);

export const DISCOVER = strict({ local: flag().optional() });

export const PROBE = strict({ allow: list(rule(), 'a list of rules').nullish() });

export const FILE = strict({
  defaults: DEFAULTS.nullish(),
  groups: z.unknown().optional(),
  discover: DISCOVER.nullish(),
  probe: PROBE.nullish(),
  modules: z.unknown().optional(),
});

export type File = z.output<typeof FILE>;
export type Group = z.output<typeof GROUP>;
export type TargetEntry = z.output<typeof TARGET>;

/** `tls: true` is short for no options, `tls: false` for not written at all. */
function tlsForm(value: unknown): unknown {
  if (value === true) return {};
  return value === false ? null : value;
}
