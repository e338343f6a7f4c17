import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import type { Flag } from '../../src/cli/flag.ts';
import { renderJson } from '../../src/cli/json.ts';
import { tallyOf, verdictOf } from '../../src/cli/verdict.ts';
import { parseIp } from '../../src/core/ip.ts';
import { target } from '../helpers/world.ts';
import { run } from './run.ts';

const PAGE = readFileSync(new URL('../../docs/command-line.md', import.meta.url), 'utf8');

/** The sections of the page by their headings. */
const SECTIONS = new Map(
  PAGE.split(/^## /m).map((section) => [section.split('\n', 1)[0]?.replaceAll('`', '') ?? '', section] as const),
);

function section(name: string): string {
  return SECTIONS.get(name) ?? '';
}

/** The rows of the tables whose first cell fits. */
function rows(text: string, first: RegExp): string[] {
  return text.split('\n').filter((line) => line.startsWith('| ') && first.test(line.slice(2)));
}

function flagRow([name, flag]: [string, Flag<unknown>]): string {
  const written = `\`--${name}${flag.form === undefined ? '' : `=${flag.form}`}\`${flag.repeatable ? ', repeatable' : ''}`;
  const otherwise = flag.defaultText === undefined ? '' : `\`${flag.defaultText}\``;
  return `| ${[written, otherwise, flag.help].join(' | ')} |`.replace(/ {2}/g, ' ');
}

describe('docs/command-line.md', () => {
  test('has a section for each command, in the order of the help, and no others of that kind', () => {
    const commands = [...SECTIONS.keys()].filter(
      (name) => rows(section(name), /^`--/).length > 0 && name !== 'All commands',
    );
    expect(commands).toEqual(COMMANDS.map(({ name }) => name));
  });

  test.each(COMMANDS)('lists the flags of $name as the help has them, and no others', ({ name, flags }) => {
    expect(rows(section(name), /^`--/)).toEqual(Object.entries(flags).map(flagRow));
  });

  test.each(COMMANDS)('lists the exit codes of $name, and no others', ({ name, exits }) => {
    const listed = rows(section(name), /^\d+ /);
    expect(listed).toEqual(Object.entries(exits).map(([code, meaning]) => `| ${code} | ${meaning} |`));
  });

  test('lists the fields of the JSON, and no others', () => {
    const address = parseIp('127.0.0.1');
    const certificate = {
      ...{ earliestExpiry: 0, chainExpiry: 0, fingerprintSha256: '' },
      ...{ subject: '', issuer: '', subjectAlternative: '', serialNumber: '' },
    };
    const result = {
      ...{ startedAt: 0, durationMs: 0, budgetMs: 0, latencyErrorMs: 0 },
      phases: { resolve: 0, connect: 0, tls: 0, handshake: 0 },
      ...(address && { address }),
      tls: { version: '', cipher: '', certificate },
    };
    const verdicts = [verdictOf(target('127.0.0.1', 1), result)];
    const document = JSON.parse(renderJson(verdicts, tallyOf(verdicts, 0)));
    const fields = [
      ...Object.keys(document),
      ...Object.keys(document.targets[0]).map((field) => `targets[].${field}`),
      ...Object.keys(document.targets[0].phase_seconds).map((field) => `targets[].phase_seconds.${field}`),
      ...Object.keys(document.targets[0].tls).map((field) => `targets[].tls.${field}`),
    ];
    const listed = rows(section('JSON'), /^`/).flatMap((row) =>
      Array.from((row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g), ([, field]) => field),
    );
    expect(listed.toSorted()).toEqual(fields.toSorted());
  });

  test('shows the help of the program as it is', async () => {
    const { stdout } = await run(['check', '--help']);
    expect(PAGE).toContain(stdout);
  });
});
