import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/cli/commands.ts';
import { loadConfig } from '../../src/config/load.ts';
import { runWell } from '../helpers/e2e-program.ts';
import { needs } from '../helpers/programs.ts';
import { anchors, blocks, exists, page, pages, typedCommands } from './pages.ts';

const yamlBlocks = blocks('yaml').filter(({ before }) => !before.includes('refused'));
const isForPrometheus = (text: string) => text.startsWith('scrape_configs:') || text.startsWith('global:');

type Link = { readonly path: string; readonly to: string };

function links(): Link[] {
  return pages().flatMap(({ path, text }) =>
    Array.from(text.replace(/^```.*?^```$/gms, '').matchAll(/\]\(([^)\s]+)\)/g), ([, to = '']) => ({ path, to })),
  );
}

/** Why a link leads nowhere, or nothing. */
function broken({ path, to }: Link): string | undefined {
  if (/^[a-z]+:/.test(to)) return undefined;
  const [file = '', anchor] = to.split('#');
  const found = file === '' ? path : normalize(join(dirname(path), file));
  if (!exists(found)) return `${path}: ${to} is not there`;
  if (anchor === undefined || anchors(page(found)).has(anchor)) return undefined;
  return `${path}: ${to} has no such heading`;
}

describe('the documentation', () => {
  test('has no link that leads nowhere', () => {
    expect(links().length).toBeGreaterThan(20);
    expect(links().flatMap((link) => broken(link) ?? [])).toEqual([]);
  });

  test.each(yamlBlocks.filter(({ text }) => !isForPrometheus(text)))(
    'has a configuration in $page that loads without a warning: $text',
    ({ text }) => {
      const loaded = loadConfig('docs.yml', text, { listeners: () => [] });
      expect(loaded.ok ? loaded.config.warnings : loaded.problems).toEqual([]);
    },
  );

  test('has Prometheus call the job port_exporter everywhere', () => {
    const jobs = yamlBlocks
      .filter(({ text }) => isForPrometheus(text))
      .flatMap(({ text }) => (parse(text) as { scrape_configs: { job_name: string }[] }).scrape_configs);
    expect(jobs.length).toBeGreaterThan(2);
    expect(new Set(jobs.map(({ job_name }) => job_name))).toEqual(new Set(['port_exporter']));
  });

  test('uses only commands and flags that exist', () => {
    const scripts = Object.keys(JSON.parse(page('package.json')).scripts);
    const bad = typedCommands().filter(({ command }) => !runs(command.split(' '), scripts));
    expect(bad).toEqual([]);
  });
});

/** Whether the program or npm knows this command line. Others (curl) are not ours to check. */
function runs([program, ...args]: readonly string[], scripts: readonly string[]): boolean {
  if (program === 'npm') return knowsScript(args, scripts);
  if (program !== 'port-exporter') return true;
  const named = COMMANDS.find(({ name }) => name === args[0]);
  const { flags } = named ?? COMMANDS[0] ?? { flags: {} };
  const known = new Set([...Object.keys(flags), 'help', 'version']);
  const written = args.filter((arg) => arg.startsWith('--')).map((arg) => arg.slice(2).replace(/=.*/, ''));
  const isCommand = named !== undefined || args.length === 0 || args[0]?.startsWith('-') === true;
  return isCommand && written.every((flag) => known.has(flag));
}

function knowsScript([verb = '', name = '']: readonly string[], scripts: readonly string[]): boolean {
  return verb === 'run' ? scripts.includes(name) : verb === 'ci' || verb === 'install' || scripts.includes(verb);
}

needs('promtool')('Prometheus accepts every scrape configuration in the documentation', async (stage) => {
  for (const [i, { text }] of yamlBlocks.filter((block) => isForPrometheus(block.text)).entries()) {
    await runWell(['promtool', 'check', 'config', stage.write(`prometheus-${i}.yml`, text)]);
  }
});
