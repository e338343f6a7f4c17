import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { ConfigStore, type StoreOptions } from '../../src/config/store.ts';
import { createLogger } from '../../src/core/log.ts';

function world(options: Partial<StoreOptions> = {}) {
  const lines: string[] = [];
  let now = 0;
  const log = createLogger({ level: 'info', format: 'logfmt', now: () => 0, write: (line) => lines.push(line) });
  const store = new ConfigStore({ file: 'c.yml', listeners: () => [], log, now: () => ++now, ...options });
  return { store, lines, logged: () => lines.join('') };
}

/** A store whose file is a variable. */
function inMemory(text: string) {
  const file = { text };
  return { file, ...world({ read: async () => file.text }) };
}

function onDisk(content: string | Uint8Array) {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'c.yml');
  writeFileSync(path, content);
  return { path, folder, ...world({ file: path }) };
}

const names = (config: Config) => config.targets.map((target) => target.name);
const file = (...targets: string[]) => `groups: [{name: g, targets: [${targets.join(', ')}]}]`;

describe('the load at start', () => {
  it('makes the configuration current', async () => {
    const { store, logged } = inMemory(file('h:1'));
    expect(() => store.current).toThrow('no configuration has been loaded yet');
    expect(store.lastReloadSuccessful).toBe(false);
    expect(store.lastSuccessAt).toBeUndefined();
    expect(await store.load()).toEqual({ ok: true, problems: [] });
    expect(names(store.current)).toEqual(['h:1']);
    expect(store.lastReloadSuccessful).toBe(true);
    expect(store.lastSuccessAt).toBe(1);
    expect(logged()).toContain('level=info msg="configuration loaded" file=c.yml targets=1 modules=');
  });

  it('returns the problems of a bad file and logs none of them', async () => {
    const { store, lines } = inMemory(file('h:0'));
    expect(await store.load()).toMatchObject({
      ok: false,
      problems: [{ file: 'c.yml', line: 1, path: 'groups[0].targets[0]' }],
    });
    expect(() => store.current).toThrow();
    expect(lines).toEqual([]);
  });

  it('logs warnings', async () => {
    const { store, logged } = inMemory(file('mysql://h'));
    await store.load();
    expect(logged()).toContain('level=warn msg="h:3306: without options.user');
  });
});

describe('a reload', () => {
  it('replaces the configuration and tells subscribers', async () => {
    const { store, file: c } = inMemory(file('h:1'));
    const seen: string[][] = [];
    const end = store.subscribe((config) => seen.push(names(config)));
    await store.load();
    c.text = file('h:2');
    expect(await store.reload()).toEqual({ ok: true, problems: [] });
    expect(names(store.current)).toEqual(['h:2']);
    expect(store.lastSuccessAt).toBe(2);
    end();
    await store.reload();
    expect(seen).toEqual([['h:1'], ['h:2']]);
  });

  it('of a bad file keeps the running configuration and logs every problem', async () => {
    const { store, file: c, logged } = inMemory(file('h:1'));
    await store.load();
    const before = store.current;
    let told = 0;
    store.subscribe(() => told++);
    c.text = file('h:0', 'h:99999');
    expect((await store.reload()).problems).toHaveLength(2);
    expect(store.current).toBe(before);
    expect(store.lastReloadSuccessful).toBe(false);
    expect(store.lastSuccessAt).toBe(1);
    expect(told).toBe(0);
    expect(logged()).toContain('c.yml:1:30: groups[0].targets[0]: ');
    expect(logged()).toContain('c.yml:1:35: groups[0].targets[1]: ');
    expect(logged()).toContain('the configuration was not reloaded: the running one stays');
    c.text = file('h:2');
    await store.reload();
    expect(store.lastReloadSuccessful).toBe(true);
  });

  it('finds again what listens on this machine', async () => {
    const listeners = [{ host: '127.0.0.1', port: 1 }];
    const { store } = world({ read: async () => 'discover: {local: true}', listeners: () => listeners });
    await store.load();
    listeners.push({ host: '127.0.0.1', port: 2 });
    await store.reload();
    expect(names(store.current)).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
  });

  it('that is asked for many times at once runs once, and once more for those who ask while it runs', async () => {
    let reads = 0;
    const gates: (() => void)[] = [];
    const read = async () => {
      reads++;
      await new Promise<void>((resolve) => gates.push(resolve));
      return file(`h:${reads}`);
    };
    const { store } = world({ read });
    const early = [store.reload(), store.reload(), store.reload()];
    await expect.poll(() => gates.length).toBe(1);
    const late = [store.reload(), store.reload()];
    expect(reads).toBe(1);
    gates[0]?.();
    await Promise.all(early);
    expect(names(store.current)).toEqual(['h:1']);
    await expect.poll(() => gates.length).toBe(2);
    gates[1]?.();
    await Promise.all(late);
    expect(reads).toBe(2);
    expect(names(store.current)).toEqual(['h:2']);
  });
});

describe('reloadIfChanged', () => {
  it('does nothing while the content is the same', async () => {
    const { store, file: c } = inMemory(file('h:1'));
    await store.load();
    expect(await store.reloadIfChanged()).toBeUndefined();
    c.text = file('h:2');
    expect(await store.reloadIfChanged()).toEqual({ ok: true, problems: [] });
    expect(names(store.current)).toEqual(['h:2']);
  });

  it('complains about a bad file once, and again when it is bad in another way', async () => {
    const { store, file: c, lines } = inMemory(file('h:1'));
    await store.load();
    c.text = file('h:0');
    expect(await store.reloadIfChanged()).toMatchObject({ ok: false });
    const logged = lines.length;
    expect(await store.reloadIfChanged()).toBeUndefined();
    expect(lines).toHaveLength(logged);
    c.text = file('h:-1');
    expect(await store.reloadIfChanged()).toMatchObject({ ok: false });
    c.text = file('h:1');
    expect(await store.reloadIfChanged()).toMatchObject({ ok: true });
    expect(store.lastReloadSuccessful).toBe(true);
  });
});

describe('a configuration that was refused for files that it names', () => {
  const text = 'groups: [{name: g, targets: [{address: "h:1", tls: {ca_file: ca.pem}}]}]';

  it('is taken when they are there, without a change of its own', async () => {
    let problem: string | undefined = 'there is no such file';
    const c = { text: file('h:2') };
    const { store, lines } = world({ read: async () => c.text, tlsProblem: () => problem });
    await store.load();
    c.text = text;
    expect(await store.reloadIfChanged()).toMatchObject({ ok: false });
    const logged = lines.length;
    expect(await store.reloadIfChanged()).toBeUndefined();
    expect(lines).toHaveLength(logged);
    problem = 'is no certificate';
    expect(await store.reloadIfChanged()).toMatchObject({ ok: false });
    problem = undefined;
    expect(await store.reloadIfChanged()).toMatchObject({ ok: true });
    expect(names(store.current)).toEqual(['h:1']);
    problem = 'there is no such file';
    expect(await store.reloadIfChanged()).toBeUndefined();
    expect(store.lastReloadSuccessful).toBe(true);
  });
});

describe('a file', () => {
  it('that disappears leaves the running configuration', async () => {
    const { store, path, logged } = onDisk(file('h:1'));
    await store.load();
    unlinkSync(path);
    expect(await store.reload()).toMatchObject({
      ok: false,
      problems: [{ line: 0, message: 'cannot be read: there is no such file' }],
    });
    expect(logged()).toContain(`${path}: cannot be read: there is no such file`);
    expect(names(store.current)).toEqual(['h:1']);
    expect(await store.reloadIfChanged()).toBeUndefined();
    writeFileSync(path, file('h:1'));
    expect(await store.reloadIfChanged()).toMatchObject({ ok: true });
    expect(store.lastReloadSuccessful).toBe(true);
  });

  it('that is a directory, or no text, is told', async () => {
    const { folder, path, ...binary } = onDisk(Uint8Array.of(0x67, 0xff, 0xfe));
    expect((await binary.store.load()).problems[0]?.message).toBe('cannot be read: it is not UTF-8 text');
    expect((await world({ file: folder }).store.load()).problems[0]?.message).toBe('cannot be read: it is a directory');
    expect((await world({ file: join(path, 'x') }).store.load()).problems[0]?.message).toBe(
      'cannot be read: there is no such file',
    );
  });

  it('may start with a byte order mark', async () => {
    const { store } = onDisk(`\uFEFF${file('h:1')}`);
    expect(await store.load()).toEqual({ ok: true, problems: [] });
  });

  it('that fails in a way nobody has met is told by its code', async () => {
    const error = Object.assign(new Error('disk on fire'), { code: 'EIO' });
    expect((await world({ read: () => Promise.reject(error) }).store.load()).problems[0]?.message).toBe(
      'cannot be read: EIO',
    );
    expect((await world({ read: () => Promise.reject(new Error('odd')) }).store.load()).problems[0]?.message).toBe(
      'cannot be read: Error: odd',
    );
  });
});
