import { resolve } from 'node:path';
import { formatProblem } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { localListeners } from '../../net/listeners.ts';
import { makeFiles, NewFilesProblem } from '../../net/new-files.ts';
import { EXIT_USAGE, refuse } from '../command.ts';
import type { InitSettings } from '../flags.ts';
import type { Answers } from '../init/answers.ts';
import { configText, filesFor } from '../init/files.ts';
import { complete, knownFrom } from '../init/known.ts';
import { nextSteps } from '../init/next-steps.ts';
import { askAll, type Defaults } from '../init/questions.ts';
import { Prompt, Stopped } from '../prompt.ts';
import type { Streams } from '../streams.ts';
import { visible } from '../text.ts';

const EXIT_NOTHING = 1;

/** Asks what to watch and whom to tell, and writes the files for it. */
export async function init(settings: InitSettings, streams: Streams): Promise<number> {
  const known = knownFrom(settings);
  if (!known.ok) return refuse(streams, 'init', visible(known.problem));
  if (settings.yes) {
    const answers = complete(known.value);
    return answers.ok ? write(answers.value, streams) : refuse(streams, 'init', answers.problem);
  }
  const { stdin, stdout } = streams;
  if (stdin?.isTTY !== true || stdout.isTTY !== true)
    return refuse(streams, 'init', 'its questions need a terminal: answer them by flags, and add --yes');
  const answers = await ask(known.value, stdin, streams);
  return answers === undefined ? EXIT_NOTHING : write(answers, streams);
}

const INTRODUCTION = `Five questions. Enter takes what stands in brackets, Ctrl-C ends it.
Nothing is written before the last one.

`;

async function ask(
  known: Defaults,
  stdin: NonNullable<Streams['stdin']>,
  { stdout, stderr }: Streams,
): Promise<Answers | undefined> {
  stdout.write(INTRODUCTION);
  const prompt = new Prompt(stdin, stdout);
  try {
    return await askAll(prompt, known, localListeners().length);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    stderr.write('\nport-exporter init: stopped, nothing is written\n');
    return undefined;
  } finally {
    prompt.close();
  }
}

async function write(answers: Answers, streams: Streams): Promise<number> {
  const root = resolve(answers.directory);
  const loaded = loadConfig('port-exporter.yml', configText(answers), { listeners: () => [] });
  if (!loaded.ok) {
    for (const problem of loaded.problems) streams.stderr.write(`${visible(formatProblem(problem))}\n`);
    return EXIT_USAGE;
  }
  const files = filesFor(answers, root);
  try {
    await makeFiles(root, files);
  } catch (error) {
    if (!(error instanceof NewFilesProblem)) throw error;
    for (const line of error.message.split('\n')) streams.stderr.write(`port-exporter init: ${visible(line)}\n`);
    streams.stderr.write('port-exporter init: nothing is written; --directory=DIR writes somewhere else\n');
    return EXIT_NOTHING;
  }
  streams.stdout.write(`\n${nextSteps(root, files)}`);
  return 0;
}
