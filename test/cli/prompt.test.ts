import { describe, expect, test, vi } from 'vitest';
import { Prompt, Stopped } from '../../src/cli/prompt.ts';
import { keyboard } from './keyboard.ts';

const TEXT = { text: 'Who', read: (answer: string) => ({ ok: true as const, value: answer }) };
const NUMBER = {
  text: 'Some words before\nHow many',
  read: (answer: string) =>
    /^\d+$/.test(answer) ? { ok: true as const, value: Number(answer) } : { ok: false as const, problem: 'a number' },
};

function prompted() {
  const at = keyboard();
  const { stdin, stdout } = at.streams;
  if (stdin === undefined) throw new Error('there is no keyboard');
  return { ...at, prompt: new Prompt(stdin, stdout) };
}

describe('Prompt', () => {
  test('asks, and shows what is typed', async () => {
    const { prompt, answers, written } = prompted();
    const asked = prompt.ask(TEXT);
    await answers('Who: ', ' me ');
    expect(await asked).toBe('me');
    expect(written.stdout).toContain('me');
    prompt.close();
  });

  test('takes Enter for what stands in brackets', async () => {
    const { prompt, answers } = prompted();
    const asked = prompt.ask({ ...TEXT, otherwise: 'nobody' });
    await answers('Who [nobody]: ', '');
    expect(await asked).toBe('nobody');
    prompt.close();
  });

  test('says what would be right and asks again, without the words before', async () => {
    const { prompt, answers, sees, written } = prompted();
    const asked = prompt.ask(NUMBER);
    await answers('How many: ', 'x');
    await sees('    a number\n');
    await answers('How many: ', '5');
    expect(await asked).toBe(5);
    expect(written.stdout.split('Some words before')).toHaveLength(2);
    prompt.close();
  });

  test('does not show what is secret, typed at once or letter by letter, corrected or recalled', async () => {
    const { prompt, answers, presses, written } = prompted();
    const first = prompt.ask({ ...TEXT, hidden: true });
    await vi.waitFor(() => expect(written.stdout).toContain('Who: '));
    for (const key of 'secrex') presses(key);
    presses('\x7ft1\r');
    expect(await first).toBe('secret1');
    const second = prompt.ask(TEXT);
    // The arrow up would bring back the last line.
    await answers('Who: ', '\x1b[A');
    expect(await second).toBe('');
    for (const shown of ['s', 'secre', 'secret1']) expect(written.stdout.slice('Who: '.length)).not.toContain(shown);
    prompt.close();
  });

  test('does not show what is typed while nobody is asked', async () => {
    const { prompt, presses, answers, written } = prompted();
    presses('secret\r');
    // Until it has been read.
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    const asked = prompt.ask(TEXT);
    await answers('Who: ', 'me');
    expect(await asked).toBe('me');
    expect(written.stdout).not.toContain('secret');
    prompt.close();
  });

  test.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('ends with %s, also while a secret is typed', async (_what, key) => {
    for (const hidden of [{}, { hidden: true as const }]) {
      const { prompt, presses, written } = prompted();
      const asked = prompt.ask({ ...TEXT, ...hidden });
      await vi.waitFor(() => expect(written.stdout).toContain('Who: '));
      presses(key);
      await expect(asked).rejects.toBeInstanceOf(Stopped);
      await expect(prompt.ask(TEXT)).rejects.toBeInstanceOf(Stopped);
    }
  });

  test('ends with the terminal', async () => {
    const { prompt, leaves } = prompted();
    const asked = prompt.ask(TEXT);
    leaves();
    await expect(asked).rejects.toBeInstanceOf(Stopped);
  });
});
