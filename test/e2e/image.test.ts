import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { runWell } from '../helpers/e2e-program.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { needs } from '../helpers/programs.ts';

/** What is copied whither; from a stage where it names one, and else from the clone. */
type Copy = { readonly from: string | undefined; readonly source: string; readonly target: string };

const DOCKERFILE = readFileSync('Dockerfile', 'utf8');
/** What stages make, where it is here. */
const MADE: Readonly<Record<string, string>> = { '/app/node_modules': 'node_modules', '/app/dist': 'dist' };

function copies(text: string): readonly Copy[] {
  return Array.from(text.matchAll(/^COPY (?:--from=(\S+) )?(.+) (\S+)$/gm)).flatMap(([, from, sources = '', to = '']) =>
    sources.split(' ').map((source) => ({ from, source, target: to.endsWith('/') ? `${to}${basename(source)}` : to })),
  );
}

/** The files of the image, as its stage `files` puts them together. */
function layOut(stage: Stage): string {
  const root = join(stage.directory, 'image');
  const [, text = ''] = /^FROM scratch AS files\n((?:.+\n)+)/m.exec(DOCKERFILE) ?? [];
  for (const { source, target } of copies(text)) {
    const here = MADE[source] ?? source;
    const there = join(root, target);
    mkdirSync(dirname(there), { recursive: true });
    if (here === 'node_modules') symlinkSync(resolve(here), there);
    else cpSync(here, there, { recursive: true });
  }
  return root;
}

test('nothing that the image is made of is kept from the engine', () => {
  const sent = readFileSync('.dockerignore', 'utf8').matchAll(/^!(.+)$/gm);
  const names = new Set(Array.from(sent, ([, name]) => name));
  const wanted = copies(DOCKERFILE).filter(({ from }) => from === undefined);
  expect(wanted.length).toBeGreaterThan(5);
  expect(wanted.filter(({ source }) => !names.has(source.split('/')[0]))).toEqual([]);
});

needs()('the files of the image are all that its commands need', async (stage) => {
  const root = layOut(stage);
  const program = [process.execPath, '--enable-source-maps', join(root, 'app/dist/cli/main.js')];
  const config = join(root, 'etc/port-exporter/port-exporter.yml');
  const made = join(stage.directory, 'made');
  const secret = stage.write('secret', 'secret');
  const sms = ['--sms-provider=twilio', '--sms-account=AC1', '--sms-from=+15550100', '--phone=+4915112345678'];

  await runWell([...program, '--version']);
  await runWell([...program, '--config.check', `--config.file=${config}`]);
  await runWell([...program, 'init', '--yes', `--directory=${made}`, ...sms, `--sms-secret-file=${secret}`]);

  expect(readdirSync(made)).toEqual(expect.arrayContaining(['alertmanager.yml', 'rules', 'templates', 'sms.yml']));
});
