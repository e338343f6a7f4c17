import { describe, expect, it } from 'vitest';
import { createLogger } from '../../src/core/log.ts';
import { Seldom } from '../../src/http/seldom.ts';

/** What is logged, level and fields, and a clock to move. */
function setUp(level?: 'warn' | 'error') {
  const lines: string[] = [];
  const log = createLogger({ level: 'debug', format: 'logfmt', write: (line) => lines.push(line), now: () => 0 });
  let now = 1_000_000;
  const seldom = new Seldom('refused', log, () => now, level);
  return {
    seldom,
    later: (ms: number) => {
      now += ms;
    },
    taken: () => lines.splice(0).map((line) => line.replace(/^time=\S+ /, '').trimEnd()),
  };
}

describe('what happens again and again', () => {
  it('is said once a minute, with how often it happened in between', () => {
    const { seldom, later, taken } = setUp();
    for (let i = 0; i < 4; i++) seldom.say({ i });
    later(59_999);
    seldom.say();
    expect(taken()).toEqual(['level=warn msg=refused i=0']);
    later(1);
    seldom.say({ i: 9 });
    expect(taken()).toEqual(['level=warn msg=refused i=9 before=4']);
    later(60_000);
    seldom.say();
    expect(taken()).toEqual(['level=warn msg=refused']);
  });

  it('does not hide another cause', () => {
    const { seldom, taken } = setUp('error');
    for (const cause of ['a', 'a', 'b', 'a', 'b']) seldom.say({ cause }, cause);
    expect(taken()).toEqual(['level=error msg=refused cause=a', 'level=error msg=refused cause=b']);
  });

  it('may have thousands of causes: sixteen and one line a minute', () => {
    const { seldom, later, taken } = setUp();
    const flood = () => {
      for (let i = 0; i < 5000; i++) seldom.say({ i }, `cause ${i}`);
    };
    flood();
    expect(taken()).toHaveLength(17);
    later(30_000);
    flood();
    expect(taken()).toEqual([]);
    later(30_000);
    flood();
    expect(taken()).toHaveLength(17);
  });
});
