import { describe, expect, it } from 'vitest';
import { compileCel } from '../../src/checks/cel.ts';
import { readCelBody } from '../../src/checks/cel-value.ts';
import { Work } from '../../src/checks/work.ts';
import { evaluated } from '../helpers/cel.ts';

describe('a hostile body', () => {
  const zeros = new Array<number>(100_000).fill(0);
  const objects = zeros.map((_, id) => ({ id, state: 'ok' }));

  it.each<[what: string, source: string, body: unknown]>([
    ['lists in lists', 'body.a.all(x, body.b.all(y, x == y))', { a: zeros, b: zeros }],
    ['errors in lists in lists', 'body.a.exists(x, body.b.exists(y, x.none > y))', { a: zeros, b: zeros }],
    ['new lists', 'body.a.map(x, body.a + body.a).size() > 1', { a: zeros }],
    ['new texts', 'body.a.map(x, body.s + body.s).size() > 1', { a: zeros, s: 'x'.repeat(100_000) }],
    ['looking for each in all', 'body.a.all(x, !(x in body.b))', { a: zeros, b: zeros.map(() => 1) }],
    ['comparing much', 'body.a.all(x, body.b == body.c)', { a: zeros, b: objects, c: objects }],
    [
      'a text that nearly is another',
      'body.s.contains(body.t)',
      { s: 'a'.repeat(9e4), t: `${'a'.repeat(3e4)}b${'a'.repeat(3e4)}` },
    ],
    ['a pattern for many texts', 'body.a.all(x, !body.s.matches("b.{20}b$"))', { a: zeros, s: 'ab'.repeat(20_000) }],
    ['patterns of its own', 'body.a.all(x, !"abc".matches(x))', { a: zeros.map((_, i) => `.{0,900}${i}`) }],
    ['calendars', 'body.a.all(x, timestamp("2024-01-01T00:00:00Z").getHours("Europe/Berlin") == 1)', { a: zeros }],
    [
      'what is nearly a duration',
      'body.a.exists(x, duration(x) > duration("1s"))',
      { a: zeros.map(() => '1'.repeat(40)) },
    ],
    ['keys', 'body.a.all(x, body.m.exists(k, true))', { a: zeros, m: Object.fromEntries(zeros.entries()) }],
    ['JSON without end', 'body.a == 1', `{"a":[${'0,'.repeat(5_000_000)}0]}`],
  ])('is not looked at for long: %s', (_, source, body) => {
    const startedAt = process.cpuUsage();
    expect(() => evaluated(source, body)).toThrow(
      expect.objectContaining({
        reason: 'unexpected_response',
        message: 'the answer is too long or too intricate for what it is held against',
      }),
    );
    // A quarter of a second by itself, eight times as much where coverage is counted; without a bound it would be minutes.
    expect(process.cpuUsage(startedAt).user).toBeLessThan(8_000_000);
  });

  it.each([
    ['duration(body.s) > duration("1s")', '1'.repeat(400_000)],
    ['int(body.s) > 1', '9'.repeat(400_000)],
    ['timestamp("2024-01-01T00:00:00Z").getHours(body.s) == 1', 'x'.repeat(400_000)],
  ])('has no number, time or duration in a long text: %s', (source, s) => {
    expect(evaluated(source, { s })).toBe('a text of 400000 characters is no number, time or duration');
  });

  it('is judged alike however often it is looked at, and leaves nothing behind', () => {
    const cel = compileCel('body.items.exists(i, i.id == 9999 && i.state == "ok")');
    const items = objects.slice(0, 10_000);
    for (let i = 0; i < 3; i++) {
      const work = new Work();
      const json = readCelBody(Buffer.from(JSON.stringify({ items })), work);
      expect(cel.ok && json.ok && cel.value.evaluate(json.value, work)).toEqual({ ok: true, value: true });
    }
  });
});
