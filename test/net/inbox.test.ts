import { describe, expect, test } from 'vitest';
import { ProbeFailure } from '../../src/core/reason.ts';
import type { Reader } from '../../src/net/channel.ts';
import { Inbox } from '../../src/net/inbox.ts';

const OVER = new ProbeFailure('closed_early', 'over');

function exactly(count: number): Reader<string> {
  return (unread) => (unread.length < count ? undefined : { used: count, value: unread.toString('latin1', 0, count) });
}

const never: Reader<never> = () => undefined;

function bytes(text: string): Buffer {
  return Buffer.from(text);
}

describe('what a peer says', () => {
  test('is taken in order, whatever pieces it came in', async () => {
    const inbox = new Inbox();
    const first = inbox.take(exactly(3));
    for (const piece of ['a', 'bc', 'de']) inbox.put(bytes(piece));
    expect(await first).toBe('abc');
    expect(await inbox.take(exactly(2))).toBe('de');
    expect(inbox.size).toBe(0);
  });

  test('may be taken after its end, and no more than that', async () => {
    const inbox = new Inbox();
    inbox.put(bytes('abc'));
    inbox.end(OVER);
    expect(await inbox.take(exactly(2))).toBe('ab');
    await expect(inbox.take(exactly(2))).rejects.toBe(OVER);
    expect(await inbox.take(exactly(1))).toBe('c');
  });

  test('that was taken is not written over by what comes later', async () => {
    const inbox = new Inbox();
    const views: Buffer[] = [];
    const view: Reader<Buffer> = (unread) => (unread.length < 700 ? undefined : { used: 700, value: unread });
    for (let i = 0; i < 20; i++) {
      inbox.put(Buffer.alloc(700, i));
      views.push(await inbox.take(view));
    }
    expect(views.map((one) => new Set(one))).toEqual(views.map((_, i) => new Set([i])));
  });

  test('can be forgotten', async () => {
    const inbox = new Inbox();
    inbox.put(bytes('abc'));
    inbox.clear();
    inbox.put(bytes('d'));
    expect(await inbox.take(exactly(1))).toBe('d');
  });
});

describe('too much', () => {
  test('unread ends the talk: 64 kB, and the length before them', async () => {
    const inbox = new Inbox();
    inbox.put(Buffer.alloc(64 * 1024 + 2));
    expect(inbox.over).toBeUndefined();
    inbox.put(Buffer.alloc(1));
    await expect(inbox.take(never)).rejects.toMatchObject({ reason: 'unexpected_response' });
    expect(inbox.size).toBe(64 * 1024 + 2);
  });

  test('in all ends the talk, though each piece was read: 1 MB', async () => {
    const inbox = new Inbox();
    const piece = Buffer.alloc(1024);
    for (let i = 0; i < 1024; i++) {
      inbox.put(piece);
      await inbox.take(exactly(1024));
    }
    expect(inbox.over).toBeUndefined();
    inbox.put(piece);
    expect(inbox.over).toMatchObject({ reason: 'unexpected_response' });
  });
});

describe('who waits', () => {
  test('is told when it is over, why it was first', async () => {
    const inbox = new Inbox();
    const waiting = inbox.take(never);
    inbox.end(OVER);
    inbox.end(new Error('later'));
    await expect(waiting).rejects.toBe(OVER);
    await expect(inbox.take(never)).rejects.toBe(OVER);
  });

  test('is told what its own reader finds wrong, and the next one reads on', async () => {
    const inbox = new Inbox();
    const picky: Reader<never> = () => {
      throw OVER;
    };
    await expect(inbox.take(picky)).rejects.toBe(OVER);
    const later = inbox.take((unread) => (unread.length > 0 ? picky(unread) : undefined));
    inbox.put(bytes('a'));
    await expect(later).rejects.toBe(OVER);
    expect(await inbox.take(exactly(1))).toBe('a');
  });

  test('for a while only, goes without when nothing comes, and what comes then is for the next one', async () => {
    const inbox = new Inbox();
    expect(await inbox.takeWithin(5, exactly(1))).toBeUndefined();
    inbox.put(bytes('a'));
    expect(await inbox.takeWithin(5, exactly(1))).toBe('a');
  });

  test('for a while only, gets what comes in time, or is told that it is over', async () => {
    const inbox = new Inbox();
    const taken = inbox.takeWithin(5000, exactly(1));
    inbox.put(bytes('a'));
    expect(await taken).toBe('a');
    const waiting = inbox.takeWithin(5000, never);
    inbox.end(OVER);
    await expect(waiting).rejects.toBe(OVER);
    await expect(inbox.takeWithin(5000, never)).rejects.toBe(OVER);
  });
});
