import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

const TOOLS = [
  { command: 'cc', debian: 'gcc' },
  { command: 'prometheus-blackbox-exporter', debian: 'prometheus-blackbox-exporter' },
  { command: 'tcpdump', debian: 'tcpdump' },
  { command: 'wrk', debian: 'wrk' },
  { command: 'iptables', debian: 'iptables' },
  { command: 'ip', debian: 'iproute2' },
  { command: 'unshare', debian: 'util-linux' },
  { command: 'setpriv', debian: 'util-linux' },
] as const;

/** PATH with the folders where an ordinary user's shell does not look for network tools. */
export function toolPath(path: string | undefined): string {
  return `${path ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;
}

type Command = (typeof TOOLS)[number]['command'];

/** One line that names what has to be installed of all tools, or of these, or nothing when all is there. */
export function whatIsMissing(path: string, needed?: readonly Command[]): string | undefined {
  const tools = TOOLS.filter(({ command }) => needed === undefined || needed.includes(command));
  const missing = tools.filter(({ command }) => !path.split(':').some((folder) => isExecutable(join(folder, command))));
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  const commands = missing.map(({ command }) => command).join(', ');
  return `bench: not installed: ${commands} (Debian: apt-get install ${packages.join(' ')})`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
