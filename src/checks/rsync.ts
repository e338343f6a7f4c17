import type { Check } from './check.ts';
import { NO_OPTIONS } from './no-options.ts';
import { unavailable, unexpected } from './talk.ts';

/** The rsync daemon. Asking for its list of modules would be a second line in its log. Source: rsync, csprotocol.txt. */
export const rsync: Check<Record<string, never>> = {
  name: 'rsync',
  ports: [873],
  summary: 'its greeting is `@RSYNCD:` with the version of its protocol',
  tls: { direct: true },
  options: NO_OPTIONS,
  async run(talk) {
    const greeting = await talk.line();
    if (greeting.startsWith('@ERROR')) throw unavailable(greeting);
    const version = /^@RSYNCD: (\d+(?:\.\d+)?)\b/.exec(greeting)?.[1];
    if (version === undefined) throw unexpected('@RSYNCD: and a version', greeting);
    talk.knows({ version: `protocol ${version}` });
  },
};
