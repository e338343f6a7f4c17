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
import { askAll, type Defaults, whereQuestion } from '../init/questions.ts';
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
  return converse(known.value, stdin, streams);
}

const INTRODUCTION = `Five questions. Enter takes what stands in brackets, Ctrl-C ends it.
Nothing is written before the last one.

`;

/** Asks until the files are written: whoever has answered everything is not to begin again for a directory that will not do. */
async function converse(known: Defaults, stdin: NonNullable<Streams['stdin']>, streams: Streams): Promise<number> {
  streams.stdout.write(INTRODUCTION);
  const prompt = new Prompt(stdin, streams.stdout);
  try {
    let answers = await askAll(prompt, known, localListeners().length);
    for (;;) {
      const code = await write(answers, streams);
      if (code !== EXIT_NOTHING) return code;
      answers = { ...answers, directory: await prompt.ask(whereQuestion(answers.directory)) };
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    streams.stderr.write('\nport-exporter init: stopped, nothing is written\n');
    return EXIT_NOTHING;
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
    refusePattern(root);
    await makeFiles(root, files);
  } catch (error) {
    if (!(error instanceof NewFilesProblem)) throw error;
    for (const line of error.message.split('\n')) streams.stderr.write(`port-exporter init: ${visible(line)}\n`);
    streams.stderr.write('port-exporter init: nothing is written; another directory may do: --directory=DIR\n');
    return EXIT_NOTHING;
  }
  streams.stdout.write(`\n${nextSteps(root, files)}`);
  return 0;
}

/** Prometheus and Alertmanager look for rules and templates by patterns that begin with the directory, and would find none. */
function refusePattern(root: string): void {
  if (/[*?[\]\\]/.test(root))
    throw new NewFilesProblem(`${root} has one of *?[]\\ in it, which Prometheus and Alertmanager take for a pattern`);
}
