import type { Check } from '../checks/check.ts';
import { type IcmpOptions, icmpEcho } from '../checks/icmp.ts';
import { goFlag, goInt, present } from './go-values.ts';
import { strict } from './leaves.ts';
import { level, readPart } from './parts.ts';
import type { Path } from './path.ts';
import type { Report } from './problems.ts';
import { DIALLING, dialling, diallingTree, type Way } from './tcp-module.ts';
import type { Tree } from './yaml.ts';

/** Hops. */
const USUAL_TTL = 64;
const MOST_TTL = 255;
/** What a packet of IPv4 has room for, bytes. */
const MOST_PAYLOAD = 65_507;

const SHAPE = {
  ...DIALLING,
  payload_size: goInt(`a number of bytes from 0 to ${MOST_PAYLOAD}`, 0, MOST_PAYLOAD).optional(),
  dont_fragment: goFlag().optional(),
  ttl: goInt(`a whole number from 0 to ${MOST_TTL}`, 0, MOST_TTL).optional(),
};

const ICMP = level(strict(SHAPE));

/** Every key of `icmp`. */
export const ICMP_KEYS: readonly string[] = Object.keys(SHAPE);

/** What `icmp` of a module says. Its keys and defaults are blackbox_exporter's: CONFIGURATION.md, <icmp_probe>. */
export function readIcmp(value: unknown, path: Path, report: Report): Way {
  const icmp = readPart(ICMP, present(value) ?? {}, path, report);
  const { payload_size: size = 0, dont_fragment: dontFragment = false, ttl = USUAL_TTL } = icmp;
  const options: IcmpOptions = Object.freeze({
    ...(size > 0 && { payloadSize: size }),
    dontFragment,
    ...(ttl > 0 && { ttl }),
  });
  return {
    ...dialling(icmp, 6),
    use: Object.freeze({ check: icmpEcho as Check, options }),
    // There are no ports: whatever is written, a host alone will do.
    defaultPort: 0,
  };
}

/** How `icmp` of a module would be written. */
export function icmpTree(way: Way): Tree {
  const options = way.use?.options as IcmpOptions;
  const { payloadSize = 0, dontFragment, ttl = 0 } = options;
  return { ...diallingTree(way), payload_size: payloadSize, dont_fragment: dontFragment, ttl };
}
