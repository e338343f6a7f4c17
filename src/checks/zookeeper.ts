import { ProbeFailure } from '../core/reason.ts';
import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { type Talk, unavailable, unexpected } from './talk.ts';

const NOT_SERVING = /^This ZooKeeper instance is not currently serving requests\r?\n/;
/** Who obeys other words only is a ZooKeeper all the same. */
const NOT_LISTED = /^srvr is not executed because it is not in the whitelist\.\r?\n/;
/** "Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25 08:49 UTC". */
const VERSION = /^Zookeeper version: (.+?)(?:, built on .*)?\r?\n/;
/** leader, follower, observer, standalone or read-only. */
const MODE = /\nMode: ([\w-]+)\r?\n/;

/**
 * ZooKeeper. `srvr` needs no session, which every member of the ensemble would have to agree on, and is obeyed whichever words the
 * configuration lists. The server hangs up after its answer. Source: ZooKeeper Administrator's Guide, "The Four Letter Words".
 */
export const zookeeper: Check<Record<string, never>> = {
  name: 'zookeeper',
  ports: [2181],
  summary: '`srvr` is answered with the mode of the server',
  tls: { direct: true },
  options: NO_OPTIONS,
  punishesSilence: true,
  async run(talk) {
    talk.send('srvr');
    judge(talk, (await talk.toEnd()).toString('utf8'));
  },
};

function judge(talk: Talk, answer: string): void {
  const [, version] = VERSION.exec(answer) ?? [];
  if (version !== undefined) talk.knows({ version });
  const [, mode] = MODE.exec(answer) ?? [];
  if (version !== undefined && mode !== undefined) {
    talk.knows({ state: mode.replaceAll('-', '_') });
    return;
  }
  if (NOT_LISTED.test(answer)) return;
  if (NOT_SERVING.test(answer)) throw unavailable(answer);
  if (answer === '')
    throw new ProbeFailure(
      'closed_early',
      'the server hung up without a word: it may grant this address no more connections (maxClientCnxns)',
    );
  throw unexpected('the answer to srvr', answer);
}
