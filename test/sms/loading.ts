import { join } from 'node:path';
import { formatProblem } from '../../src/config/config.ts';
import { loadSmsConfig } from '../../src/sms/load.ts';
import { temporaryDirectory } from '../cli/temporary.ts';

/** Loads a configuration from a directory that has secrets in the files token, empty and lines. */
export async function load(text: string) {
  await using directory = await temporaryDirectory();
  await directory.file('token', 'secret\n');
  await directory.file('empty', '\n');
  await directory.file('lines', 'a\nb\n');
  const file = join(directory.path, 'sms.yml');
  const loaded = loadSmsConfig(file, text);
  const problems = loaded.ok ? [] : loaded.problems.map((problem) => formatProblem({ ...problem, file: 'sms.yml' }));
  return {
    config: loaded.ok ? loaded.config : undefined,
    problems: problems.map((line) => line.replaceAll(directory.path, '/dir')),
    token: loaded.ok ? loaded.config.bearerToken.file.replace(directory.path, '/dir') : undefined,
  };
}
