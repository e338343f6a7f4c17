import { readFile } from 'node:fs/promises';

/** The file as text. Bytes that are no UTF-8 are an error: replaced ones would end up in names and labels. */
export async function readConfigFile(file: string): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
}
