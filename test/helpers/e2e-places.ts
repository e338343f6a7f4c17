import { randomBytes, randomInt } from 'node:crypto';
import { createNamespace, type Namespace } from './e2e-namespace.ts';
import { runWell } from './e2e-program.ts';
import type { Stage } from './e2e-stage.ts';

/** A network that something is probed from: it reaches the hosts of `World` by one link, and whoever scrapes it by another. */
export type Place = {
  readonly name: string;
  readonly network: Namespace;
  /** Its address for whoever scrapes it. */
  readonly address: string;
  /** Takes the link to the hosts down, or up again; the other link stays. */
  readonly isolate: () => Promise<unknown>;
  readonly rejoin: () => Promise<unknown>;
};

/** Hosts in a network of their own, and places to probe them from. */
export type World = {
  /** Addresses that answer on every port that somebody listens on in `network`. */
  readonly hosts: readonly string[];
  readonly network: Namespace;
  readonly places: readonly Place[];
  /** Lets the hosts refuse whatever comes from that place to that host, or no longer. */
  readonly refuse: (place: Place, host: string) => Promise<unknown>;
  readonly admit: (place: Place, host: string) => Promise<unknown>;
};

const HOSTS = '10.88.0';
/** Its links outside of the namespaces have addresses for measurements between networks, at random: others may run this too. RFC 2544. */
const OUTSIDE = '198.18';

export async function createWorld(stage: Stage, places: readonly string[], hostCount: number): Promise<World> {
  const network = await createNamespace(stage);
  const hosts = Array.from({ length: hostCount }, (_, i) => `${HOSTS}.${i + 1}`);
  for (const host of hosts) await within(network, `ip address add ${host}/32 dev lo`);
  const built = await Promise.all(places.map((name, i) => createPlace(stage, name, i + 1, network)));
  const rule = ({ name }: Place, host: string) => {
    const from = `10.77.${places.indexOf(name) + 1}.2`;
    return ['INPUT', '--source', from, '--destination', host, '--protocol', 'tcp', '--jump', 'REJECT', '--reject-with'];
  };
  return {
    hosts,
    network,
    places: built,
    refuse: (place, host) => network.iptables('--append', ...rule(place, host), 'tcp-reset'),
    admit: (place, host) => network.iptables('--delete', ...rule(place, host), 'tcp-reset'),
  };
}

async function createPlace(stage: Stage, name: string, number: number, hosts: Namespace): Promise<Place> {
  const network = await createNamespace(stage);
  await within(network, `ip link add hosts type veth peer name place${number} netns ${hosts.pid}`);
  await within(network, `ip address add 10.77.${number}.2/30 dev hosts`);
  await within(hosts, `ip address add 10.77.${number}.1/30 dev place${number}`);
  await within(hosts, `ip link set place${number} up`);
  const rejoin = async () => {
    await within(network, 'ip link set hosts up');
    await within(network, `ip route replace ${HOSTS}.0/24 via 10.77.${number}.1`);
  };
  await rejoin();
  return {
    name,
    network,
    address: await connectOutside(network),
    isolate: () => within(network, 'ip link set hosts down'),
    rejoin,
  };
}

/** A link from this machine's own network to that one; it goes with the namespace. */
async function connectOutside(network: Namespace): Promise<string> {
  const link = `e2e${randomBytes(4).toString('hex')}`;
  const block = `${OUTSIDE}.${randomInt(256)}`;
  const first = 4 * randomInt(64);
  await runWell(words(`ip link add ${link} type veth peer name outside netns ${network.pid}`));
  await runWell(words(`ip address add ${block}.${first + 1}/30 dev ${link}`));
  await runWell(words(`ip link set ${link} up`));
  await within(network, `ip address add ${block}.${first + 2}/30 dev outside`);
  await within(network, 'ip link set outside up');
  return `${block}.${first + 2}`;
}

function within({ enter }: Namespace, command: string): Promise<string> {
  return runWell([...enter, ...words(command)]);
}

function words(command: string): string[] {
  return command.split(' ');
}
