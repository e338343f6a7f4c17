import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { temporaryDirectory } from './temporary.ts';

export const WEBHOOK = 'https://hooks.slack.com/services/T0/B0/verysecret';
export const TOKEN = 'anothersecret';

/** A directory to make `ports` in, with the files of two secrets. */
export async function setUp() {
  const directory = await temporaryDirectory();
  const root = join(directory.path, 'ports');
  return {
    root,
    slack: await directory.file('slack', `${WEBHOOK}\n`),
    token: await directory.file('token', `${TOKEN}\n`),
    path: directory.path,
    text: (name: string) => readFile(join(root, name), 'utf8'),
    names: async () => (await readdir(root, { recursive: true })).toSorted(),
    [Symbol.asyncDispose]: directory[Symbol.asyncDispose],
  };
}

/** A configuration of the exporter, on a machine where one port listens. */
export function load(text: string) {
  const loaded = loadConfig('c.yml', text, { listeners: () => [{ host: '127.0.0.1', port: 22 }] });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}
