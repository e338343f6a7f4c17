import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { PasswordHasher } from '../../src/http/password-hasher.ts';

/** What the thread runs; `npm test` builds it first. */
const PROGRAM = new URL('../../dist/http/password-worker.js', import.meta.url);

const hasher = new PasswordHasher(PROGRAM);
afterAll(() => hasher.close());

/** Hashes that htpasswd made. */
const SECRET = '$2y$04$mUXLXufXFXT/gg4teqhfsOJ5kASEGMTXQ/TlXJC1T3mUSMMp8NCpK';
const UMLAUTS = '$2y$04$wS3XXHrdMs3uuHMQBu.tfeB.Bxq3PyAwAOI7ENDVdI5yzAvWBSLA.';
const LONGEST = '$2y$04$1uW/i4KmyZ.QJPGofiRVj.RlGwLa3.LAKH7EdPdB2uzVKXTkkHKlq';
const EMPTY = '$2y$04$ZL3WwXTNnxT3zTuDItNNnuht5.CYdgNoiPw4DrLsOjvCiVq5aAcAW';

describe('a password', () => {
  it.each([
    ['secret', SECRET, true],
    ['Secret', SECRET, false],
    ['secret ', SECRET, false],
    ['', SECRET, false],
    ['', EMPTY, true],
    ['pässwört€', UMLAUTS, true],
    ['passwort€', UMLAUTS, false],
    ['a'.repeat(72), LONGEST, true],
    ['a'.repeat(71), LONGEST, false],
  ])('"%s" of %s: %s', async (password, hash, expected) => {
    expect(await hasher.compare(password, hash)).toBe(expected);
  });

  it('has no more than 72 bytes for bcrypt, as in Go', async () => {
    expect(await hasher.compare('a'.repeat(10_000), LONGEST)).toBe(true);
  });

  it.each(['$2$', '$2a$', '$2b$', '$2x$', '$2y$'])('means the same in version %s, as in Go', async (version) => {
    expect(await hasher.compare('secret', SECRET.replace('$2y$', version))).toBe(true);
  });

  it('is wrong where the hash is none', async () => {
    expect(await hasher.compare('secret', 'secret')).toBe(false);
    expect(await hasher.compare('secret', SECRET)).toBe(true);
  });
});

describe('the thread', () => {
  it('keeps the work away from the event loop', async () => {
    const slow = SECRET.replace('$04$', '$12$');
    await hasher.compare('warm-up', SECRET);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await Promise.all([hasher.compare('a', slow), hasher.compare('b', slow)]);
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(150);
  });

  it('is replaced when it has ended, also in the middle of a comparison', async () => {
    const own = new PasswordHasher(PROGRAM);
    const lost = own.compare('secret', SECRET.replace('$04$', '$14$')).catch((error: Error) => error.message);
    await new Promise((resolve) => setImmediate(resolve));
    await own.close();
    expect(await lost).toBe('the thread that compares passwords has failed');
    expect(await own.compare('secret', SECRET)).toBe(true);
    await own.close();
  });

  it('that cannot run fails each comparison, and nothing else', async () => {
    const broken = new PasswordHasher(new URL('file:///nowhere/worker.js'));
    for (let i = 0; i < 2; i++) await expect(broken.compare('a', SECRET)).rejects.toThrow(/has failed/);
    await broken.close();
  });

  it.runIf(process.platform === 'linux')('stands back behind the probes', async () => {
    await hasher.compare('secret', SECRET);
    await vi.waitFor(() => expect(priorities()).toContain(10));
    expect(niceOf(process.pid)).toBe(getPriority());
  });
});

/** The nice values of the threads of this process. Source: proc(5), /proc/[pid]/stat. */
function priorities(): number[] {
  return readdirSync('/proc/self/task').map(niceOf);
}

function niceOf(thread: number | string): number {
  const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[17]);
}
