// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the templates of the dialogue, as Go writes them.
import { describe, expect, test, vi } from 'vitest';
import { garbage } from '../helpers/hostile-peers.ts';
import { probeWith } from '../helpers/modules.ts';
import { webSocketPeer } from '../helpers/websocket-peer.ts';

type Step = Readonly<Record<string, unknown>>;

function websocket(...steps: readonly Step[]) {
  return { prober: 'websocket', websocket: { query_response: steps } };
}

/** What came of a dialogue with a server that says these messages. */
async function heard(messages: readonly (string | Buffer)[], ...steps: readonly Step[]) {
  await using server = await webSocketPeer((socket) => {
    for (const message of messages) socket.send(message);
  });
  const { failure, samples } = await probeWith(websocket(...steps), server.port);
  if (failure === undefined && steps.some((step) => 'send' in step))
    await vi.waitFor(() => expect(server.heard).not.toEqual([]));
  return { failure, samples, said: [...server.heard] };
}

const MEGABYTE = 1_000_000;
/** Every byte of it leads to a state that the automaton of `a.{1000}b` has not been in. */
const INTRICATE = `b${garbage(5, MEGABYTE)
  .toString('latin1')
  .replace(/./gs, (byte) => (byte < '@' ? 'a' : 'c'))}`;

describe('a message that matches', () => {
  test.each<[message: string, expected: string, send: string, said: string]>([
    ['price 12 EUR', '^price (?P<sum>\\d+) (\\w+)$', '${sum} $2', '12 EUR'],
    ['price 12 EUR', 'price', '$$1', '$1'],
    ['price 12 EUR', 'price', 'thanks', 'thanks'],
    ['Gr\u00fc\u00df dich', '^Gr(..)', '$1', '\u00fc\u00df'],
  ])('%j (%s) has %j filled in', async (message, expected, send, said) => {
    expect(await heard([message], { expect: expected, send })).toMatchObject({ failure: undefined, said: [said] });
  });

  test('may be long', async () => {
    const long = `${'x'.repeat(MEGABYTE)} ok`;
    expect(await heard([long, long, long], { expect: 'ok$' }, { expect: '^x+ ok$' }, { expect: 'ok' })).toMatchObject({
      failure: undefined,
    });
    expect(await heard([long], { expect: 'ok$', send: 'thanks' })).toMatchObject({ said: ['thanks'] });
  });
});

test('a message that does not match is told', async () => {
  const { failure, samples } = await heard(['price 12 EUR'], { expect: '^price (\\d+) USD$', send: '$1' });
  expect(failure).toMatchObject({
    reason: 'unexpected_response',
    detail: 'expected a message that matches "^price (\\\\d+) USD$", got "price 12 EUR"',
  });
  expect(samples).toContainEqual({ name: 'probe_websocket_failed_due_to_regex', labels: {}, value: 1 });
});

describe('a server that says much is not listened to for long', () => {
  test.each<[what: string, messages: readonly (string | Buffer)[], steps: readonly Step[]]>([
    ['what makes a pattern slow', [INTRICATE], [{ expect: 'a.{1000}b' }]],
    ['groups of a long message', [`${'x'.repeat(MEGABYTE)}!`], [{ expect: '^(x+)(x+)(x+)!$', send: '$1' }]],
    [
      'the groups of many messages',
      new Array<string>(40).fill('x'.repeat(50_000)),
      new Array<Step>(40).fill({ expect: '^(x+)$', send: '$1' }),
    ],
  ])('%s', async (_, messages, steps) => {
    const { failure } = await heard(messages, ...steps);
    expect(failure).toMatchObject({
      reason: 'unexpected_response',
      detail: 'the answer is too long or too intricate for what it is held against',
    });
  });
});
