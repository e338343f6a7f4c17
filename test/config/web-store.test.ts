import { copyFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/config.ts';
import { WebStore } from '../../src/config/web-store.ts';
import { createLogger } from '../../src/core/log.ts';
import { temporaryDirectory } from '../cli/temporary.ts';

const HASH = '$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG';
const USER = `basic_auth_users: {prometheus: ${HASH}}`;
const TLS = 'tls_server_config: {cert_file: web.crt, key_file: web.key}';

/** A store over a directory with this file, and the pair of that name as web.crt and web.key. */
async function storeOf(text: string, pair = 'self-signed') {
  const directory = await temporaryDirectory();
  const logged: string[] = [];
  let now = 0;
  const file = await directory.file('web.yml', text);
  const usePair = async (name: string, ...extensions: readonly string[]) => {
    for (const extension of extensions) {
      const from = fileURLToPath(new URL(`../fixtures/tls/${name}.${extension}`, import.meta.url));
      await copyFile(from, join(directory.path, `web.${extension}`));
    }
  };
  await usePair(pair, 'crt', 'key');
  const log = createLogger({ level: 'info', format: 'logfmt', write: (line) => logged.push(line), now: () => 0 });
  const store = new WebStore({ file, log, now: () => now });
  return {
    store,
    file,
    logged,
    usePair,
    problems: (await store.load()).map(formatProblem),
    /** So much later somebody asks. */
    after: async (ms: number) => {
      now += ms;
      await store.fresh();
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

describe('the web configuration', () => {
  it('is read at start, and every problem is told', async () => {
    await using bad = await storeOf('rate_limit: 5\nusers: {}');
    expect(bad.problems).toEqual([
      expect.stringMatching(/web\.yml:1:13: rate_limit: must be a mapping/),
      expect.stringMatching(/web\.yml:2:1: users: "users" is not a known key/),
    ]);
    expect(() => bad.store.current).toThrow('no web configuration has been loaded yet');
  });

  it('must be there at start', async () => {
    const log = createLogger({ level: 'info', format: 'logfmt', write: () => undefined, now: () => 0 });
    const store = new WebStore({ file: '/nowhere/web.yml', log, now: () => 0 });
    expect((await store.load()).map(formatProblem)).toEqual([
      '/nowhere/web.yml: cannot be read: there is no such file',
    ]);
  });

  it('is looked at again after five seconds at the earliest', async () => {
    await using running = await storeOf('');
    await writeFile(running.file, USER);
    expect(running.store.fresh()).toBeUndefined();
    await running.after(4999);
    expect(running.store.current.users.size).toBe(0);
    await running.after(1);
    expect(running.store.current.users.size).toBe(1);
    expect(running.logged).toEqual([
      expect.stringContaining('it protects nothing'),
      expect.stringContaining('msg="web configuration reloaded"'),
    ]);
  });

  it('is not read when nothing has changed', async () => {
    await using running = await storeOf(USER);
    const { current } = running.store;
    await running.after(5000);
    expect(running.store.current).toBe(current);
  });

  it('is looked at once when many ask at the same moment', async () => {
    await using running = await storeOf(USER);
    await writeFile(running.file, 'rate_limit: 5');
    await Promise.all([running.after(5000), running.store.fresh(), running.store.fresh()]);
    expect(running.logged.filter((line) => line.includes('must be a mapping'))).toHaveLength(1);
  });

  it('is noticed when other files take its place, as mounted ones do', async () => {
    await using running = await storeOf('');
    const other = `${running.file}.new`;
    await writeFile(other, USER);
    await utimes(other, 1, 1);
    await rename(other, running.file);
    await running.after(5000);
    expect(running.store.current.users.size).toBe(1);
  });
});

describe('a new web configuration that is bad', () => {
  it('is told once, and the running one stays', async () => {
    await using running = await storeOf(USER);
    await writeFile(running.file, 'rate_limit: 5');
    await running.after(5000);
    await running.after(5000);
    expect(running.store.current.users.size).toBe(1);
    expect(running.logged).toEqual([
      expect.stringContaining('rate_limit: must be a mapping'),
      expect.stringContaining('the web configuration was not reloaded: the running one stays'),
    ]);
  });

  it('may be gone for a while', async () => {
    await using running = await storeOf(USER);
    await rm(running.file);
    await running.after(5000);
    expect(running.store.current.users.size).toBe(1);
    await writeFile(running.file, `{basic_auth_users: {a: ${HASH}, b: ${HASH}}}`);
    await running.after(5000);
    expect(running.store.current.users.size).toBe(2);
  });

  it.each([
    [USER, '', 'has no users any more: that takes a restart'],
    [TLS, '', 'turns TLS off: that takes a restart'],
    ['', TLS, 'turns TLS on: that takes a restart'],
  ])('%s is not replaced by "%s": an empty file may be one that is being written', async (before, after, why) => {
    await using running = await storeOf(before);
    await writeFile(running.file, after);
    const { current } = running.store;
    await running.after(5000);
    expect(running.store.current).toBe(current);
    expect(running.logged).toContainEqual(expect.stringContaining(why));
  });
});

describe('client certificates that must be shown', () => {
  const verified = (more = '') =>
    TLS.replace('}', `, client_auth_type: RequireAndVerifyClientCert, client_ca_file: web.crt${more}}`);

  it.each([
    [TLS],
    [TLS.replace('}', ', client_auth_type: VerifyClientCertIfGiven, client_ca_file: web.crt}')],
    [TLS.replace('}', ', client_auth_type: RequireAnyClientCert}')],
  ])('must be shown as long as it runs: not %s', async (after) => {
    await using running = await storeOf(verified());
    const { current } = running.store;
    await writeFile(running.file, after);
    await running.after(5000);
    expect(running.store.current).toBe(current);
    expect(running.logged).toContainEqual(
      expect.stringContaining('lets in clients without a certificate of client_ca_file: that takes a restart'),
    );
  });

  it('may have to be others from now on, or be wanted from now on', async () => {
    await using running = await storeOf(verified());
    await writeFile(running.file, verified(', client_allowed_sans: [a]'));
    await running.after(5000);
    expect(running.store.current.tls?.allowedSans).toEqual(['a']);
    await using open = await storeOf(TLS);
    await writeFile(open.file, verified());
    await open.after(5000);
    expect(open.store.current.tls?.clientAuth).toBe('RequireAndVerifyClientCert');
  });
});

describe('certificates and keys', () => {
  it('are read again when they change, without a change of the file', async () => {
    await using running = await storeOf(TLS);
    const { current } = running.store;
    await running.usePair('nameless', 'crt', 'key');
    await running.after(5000);
    expect(running.store.current.tls?.cert).not.toBe(current.tls?.cert);
    expect(running.store.current.tls?.key).not.toBe(current.tls?.key);
  });

  it('stay while only one of the two has changed', async () => {
    await using running = await storeOf(TLS);
    const { current } = running.store;
    await running.usePair('nameless', 'crt');
    await running.after(5000);
    expect(running.store.current).toBe(current);
    expect(running.logged[0]).toMatch(/web\.yml:1:51: tls_server_config\.key_file: the key .* is not that of/);
    await running.usePair('nameless', 'key');
    await running.after(5000);
    expect(running.store.current.tls?.cert).not.toBe(current.tls?.cert);
  });

  it('that a new file names are waited for', async () => {
    await using running = await storeOf(TLS);
    await writeFile(running.file, TLS.replace('web.crt', 'new.crt'));
    await running.after(5000);
    expect(running.logged[0]).toContain('new.crt: there is no such file');
    await copyFile(join(running.file, '../web.crt'), join(running.file, '../new.crt'));
    await running.after(5000);
    expect(running.logged.at(-1)).toContain('web configuration reloaded');
  });
});
