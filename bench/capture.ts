import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Handshakes, handshakes } from './pcap.ts';
import { start, waitFor } from './processes.ts';

// tcpdump collects packets in blocks that the kernel hands over after at most a second.
const FLUSH_MS = 1_500;
const FILTER = '(net 127.1.0.0/16 or net 127.2.0.0/16) and tcp[tcpflags] & tcp-syn != 0';

/** Does `work` while every handshake on loopback is written down; fails when the capture missed one packet. */
export async function capturing<T>(
  directory: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly seen: Handshakes }> {
  const file = join(directory, 'loopback.pcap');
  // As root tcpdump would change to a user who may not write here; as anybody else it must not be told to stay.
  const user = process.getuid?.() === 0 ? ['-Z', 'root'] : [];
  const options = ['-i', 'lo', '-n', '-s', '80', '-B', '65536', '--time-stamp-precision=nano', '-w', file];
  await using tcpdump = start('tcpdump', [...user, ...options, FILTER]);
  await waitFor('tcpdump', tcpdump, async () => tcpdump.output().includes('listening on'));
  const result = await work();
  await sleep(FLUSH_MS);
  await tcpdump.stop('SIGINT');
  const dropped = /(\d+) packets dropped by kernel/.exec(tcpdump.output())?.[1];
  if (dropped !== '0') throw new Error(`tcpdump lost packets: ${tcpdump.output()}`);
  const seen = handshakes(await readFile(file));
  await rm(file);
  return { result, seen };
}
