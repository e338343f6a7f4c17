import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineAlone } from './machine.ts';
import { enterNamespace, isInsideNamespace, prepareNamespace } from './namespace.ts';
import { compileRaw, startListener } from './raw.ts';
import { toolPath, whatIsMissing } from './requirements.ts';
import { startPeers } from './soak/peers.ts';
import { soakReport } from './soak/report.ts';
import { soak } from './soak/run.ts';

/** A day of an exporter, a scrape a minute, as fast as it goes: does anything grow? Prints the tables of docs/reliability.md. */
const ROOT = new URL('../../', import.meta.url);
const USAGE = `usage: npm run bench:soak -- [--scrapes=N] [--targets=N] [--minutes=N] [--exporter=FILE]

  --scrapes=N      scrapes to make (default 1440: a day at one a minute)
  --targets=N      targets to have (default 10000)
  --minutes=N      stop after that many, however many scrapes are done (default 20)
  --exporter=FILE  the exporter to watch (default dist/cli/main.js)
`;

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(`soak: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
process.exit();

/** Exit code: 0 when it was seen to the end, 1 when it could not be, 2 for a wrong command line. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options === undefined) {
    say(USAGE);
    return 2;
  }
  if (isInsideNamespace()) return await run(options);
  const path = toolPath(process.env['PATH']);
  const missing = whatIsMissing(path, ['cc', 'ip', 'unshare', 'setpriv']);
  if (missing === undefined) return await enterNamespace(path);
  say(missing);
  return 1;
}

type Options = {
  readonly scrapes: number;
  readonly targets: number;
  readonly minutes: number;
  readonly exporter: string;
};

function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scrapes: { type: 'string', default: '1440' },
      targets: { type: 'string', default: '10000' },
      minutes: { type: 'string', default: '20' },
      exporter: { type: 'string', default: 'dist/cli/main.js' },
    },
  });
  const { exporter } = values;
  const numbers = { scrapes: Number(values.scrapes), targets: Number(values.targets), minutes: Number(values.minutes) };
  return Object.values(numbers).every((value) => value > 0) ? { ...numbers, exporter } : undefined;
}

async function run({ scrapes, targets, minutes, exporter }: Options): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'port-exporter-soak-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  await prepareNamespace();
  const facts = await machineAlone(ROOT);
  const raw = join(directory, 'raw');
  await compileRaw(ROOT, raw);
  await using _listener = await startListener(raw);
  const files = { cert: fixture('self-signed.crt'), key: fixture('self-signed.key') };
  const peers = await startPeers(files);
  const main = resolve(fileURLToPath(ROOT), exporter);
  const limitMs = minutes * 60_000;
  const seen = await soak({ main, directory, authority: files.cert, targets, scrapes, limitMs, say }, peers);
  process.stdout.write(soakReport(facts, seen, targets));
  return 0;
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`test/fixtures/tls/${name}`, ROOT));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
