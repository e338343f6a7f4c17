import { describe, expect, it, vi } from 'vitest';
import { Passwords, type Verdict } from '../../src/http/passwords.ts';

const hashOf = (cost: string, end: string) => `$2y$${cost}$${'a'.repeat(53 - end.length)}${end}`;
const USERS = new Map([
  ['anna', hashOf('10', 'anna')],
  ['bert', hashOf('12', 'bert')],
]);

/** Judges with comparisons that the test ends: a password is right when its hash ends in it. */
function setUp() {
  const asked: { readonly password: string; readonly hash: string; readonly end: (fail?: boolean) => void }[] = [];
  const failures: unknown[] = [];
  let ended = 0;
  const passwords = new Passwords({
    compare: (password, hash) =>
      new Promise((resolve, reject) => {
        const end = (fail = false) => (fail ? reject(new Error('gone')) : resolve(hash.endsWith(password)));
        asked.push({ password, hash, end });
      }),
    failed: (error) => failures.push(error),
  });
  return {
    asked,
    failures,
    judge: (user: string, password: string, client = '192.0.2.1', users = USERS) =>
      passwords.judge(users, { user, password }, client),
    /** Ends comparisons until nobody waits. */
    endAll: async () => {
      while (ended < asked.length) {
        asked[ended++]?.end();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** A login, compared and judged. */
async function judged(set: ReturnType<typeof setUp>, user: string, password: string): Promise<Verdict> {
  const verdict = set.judge(user, password);
  await set.endAll();
  return await verdict;
}

describe('a login', () => {
  it.each([
    ['anna', 'anna', 'right'],
    ['anna', 'bert', 'wrong'],
    ['nobody', 'anna', 'wrong'],
    ['', '', 'wrong'],
  ])('of %s with "%s" is %s', async (user, password, verdict) => {
    expect(await judged(setUp(), user, password)).toBe(verdict);
  });

  it('is compared once, and known from then on, right or wrong', async () => {
    const set = setUp();
    for (const password of ['anna', 'bert']) await judged(set, 'anna', password);
    expect([set.judge('anna', 'anna'), set.judge('anna', 'bert')]).toEqual(['right', 'wrong']);
    expect(set.asked).toHaveLength(2);
  });

  it('is compared again with another hash', async () => {
    const set = setUp();
    await judged(set, 'anna', 'anna');
    const changed = set.judge('anna', 'anna', '192.0.2.1', new Map([['anna', hashOf('10', 'new')]]));
    await set.endAll();
    expect(await changed).toBe('wrong');
  });

  it('is wrong at once when the user is gone, though the password was right', async () => {
    const set = setUp();
    await judged(set, 'anna', 'anna');
    const gone = set.judge('anna', 'anna', '192.0.2.1', new Map([['bert', hashOf('10', 'bert')]]));
    await set.endAll();
    expect(await gone).toBe('wrong');
  });

  it('shares the comparison of another that is the same', async () => {
    const set = setUp();
    const all = Array.from({ length: 500 }, () => set.judge('anna', 'anna'));
    await set.endAll();
    expect(new Set(await Promise.all(all))).toEqual(new Set(['right']));
    expect(set.asked).toHaveLength(1);
  });

  it('does not share it with one whose parts only join to the same text', async () => {
    const set = setUp();
    const users = new Map([
      ['a', hashOf('10', 'x')],
      ['a1:b', hashOf('10', 'x')],
    ]);
    void set.judge('a', '1:bx', '192.0.2.1', users);
    void set.judge('a1:b', 'x', '192.0.2.1', users);
    await set.endAll();
    expect(set.asked).toHaveLength(2);
  });

  it('of an unknown user takes as long as the costliest of the known', async () => {
    const set = setUp();
    await judged(set, 'nobody', 'x');
    expect(set.asked[0]?.hash).toMatch(/^\$2b\$12\$.{53}$/);
  });

  it('is not judged when the comparison fails, and is compared again the next time', async () => {
    const set = setUp();
    const verdict = set.judge('anna', 'anna');
    set.asked[0]?.end(true);
    expect(await verdict).toBe('busy');
    expect(set.failures).toEqual([new Error('gone')]);
    const again = set.judge('anna', 'anna');
    await vi.waitFor(() => expect(set.asked).toHaveLength(2));
    set.asked[1]?.end();
    expect(await again).toBe('right');
  });
});

describe('many logins', () => {
  it('are compared one after the other', async () => {
    const set = setUp();
    for (const password of ['a', 'b', 'c']) void set.judge('anna', password);
    await new Promise((resolve) => setImmediate(resolve));
    expect(set.asked.map(({ password }) => password)).toEqual(['a']);
    await set.endAll();
    expect(set.asked.map(({ password }) => password)).toEqual(['a', 'b', 'c']);
  });

  it('are refused when too many wait, at once', async () => {
    const set = setUp();
    const verdicts: string[] = [];
    for (let i = 0; i < 1000; i++) {
      const verdict = set.judge('anna', `guess ${i}`);
      if (typeof verdict !== 'string') void verdict.then((found) => verdicts.push(found));
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(verdicts).toEqual(Array(983).fill('busy'));
    await set.endAll();
    expect(set.asked).toHaveLength(17);
  });

  it('leave room for a client that has less of them waiting', async () => {
    const set = setUp();
    for (let i = 0; i < 100; i++) void set.judge('anna', `guess ${i}`, '192.0.2.66');
    const other = set.judge('bert', 'bert', '192.0.2.1');
    await set.endAll();
    expect(await other).toBe('right');
    expect(set.asked.findIndex(({ password }) => password === 'bert')).toBeLessThanOrEqual(2);
  });

  it('of a client with a whole network of IPv6 addresses are those of one client', async () => {
    const set = setUp();
    for (let i = 0; i < 100; i++) void set.judge('anna', `guess ${i}`, `2001:db8::${i}`);
    const other = set.judge('bert', 'bert', '::ffff:192.0.2.1');
    await set.endAll();
    expect(await other).toBe('right');
  });

  it('with wrong passwords do not drive out those with right ones, however many there are', async () => {
    const set = setUp();
    await judged(set, 'anna', 'anna');
    for (let i = 0; i < 3000; i++) {
      void set.judge('anna', `guess ${i}`);
      if (i % 10 === 0) await set.endAll();
    }
    expect(set.judge('anna', 'anna')).toBe('right');
    expect(set.judge('anna', 'guess 0')).not.toBe('wrong');
  });
});
