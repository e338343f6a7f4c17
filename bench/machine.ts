import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { blackboxVersion } from './blackbox.ts';

/** What the figures depend on, as table rows. */
export async function machine(root: URL): Promise<string[][]> {
  return [...(await machineAlone(root)), ['blackbox_exporter', await blackboxVersion()]];
}

/** The same where nothing is compared. */
export async function machineAlone(root: URL): Promise<string[][]> {
  const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { version: string };
  return [
    ['date', new Date().toISOString().slice(0, 10)],
    ['CPU', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`],
    ['memory', `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ['kernel', `Linux ${release()}`],
    ['load average at the start', (loadavg()[0] ?? 0).toFixed(2)],
    ['port-exporter', version],
    ['Node.js', process.version],
  ];
}
