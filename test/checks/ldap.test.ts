import fc from 'fast-check';
import { expect, test } from 'vitest';
import { element, readElement, readElements } from '../../src/checks/ldap-ber.ts';
import { ProbeFailure } from '../../src/core/reason.ts';
import type { ProbeResult } from '../../src/core/result.ts';
import { visit } from '../helpers/checks.ts';
import { peer } from '../helpers/peers.ts';

const DONE = 0x65;
const EXTENDED = 0x78;
const UNBIND = '30050201034200';

/** A result of that code, as the whole message of that id. */
function result(id: number, tag: number, code: number, diagnostic = ''): Buffer {
  const parts = [element(0x0a, Buffer.of(code)), element(0x04), element(0x04, diagnostic)];
  return element(0x30, element(0x02, Buffer.of(id)), element(tag, ...parts));
}

type Heard = { readonly outcome: ProbeResult; readonly heard: readonly string[] };

/** What is made of a server that answers each message with the next of these. */
async function met(replies: readonly Buffer[], starttls = false): Promise<Heard> {
  const heard: string[] = [];
  await using server = await peer((socket) => {
    socket.on('data', (bytes) => {
      heard.push(bytes.toString('hex'));
      const reply = replies[heard.length - 1];
      if (reply === undefined) socket.end();
      else socket.write(reply);
    });
  });
  const tls = starttls ? { tls: { how: 'starttls' as const } } : {};
  const outcome = await visit(server.address, { service: 'ldap', ...tls });
  return { outcome, heard };
}

test.each([
  [8, 'BIND required'],
  [13, 'TLS confidentiality required'],
  [32, ''],
  [48, 'anonymous bind disallowed'],
  [50, ''],
  [53, 'authentication required'],
])('a server that answers %i (%s) is up, for others than us', async (code, words) => {
  const { outcome, heard } = await met([result(2, DONE, code, words)]);
  expect(outcome).toMatchObject({ service: { state: 'auth_required' } });
  expect(outcome.failure).toBeUndefined();
  expect(heard[1]).toBe(UNBIND);
});

test.each([
  [3, '', 'timeLimitExceeded (3)'],
  [51, 'try again', 'busy (51): try again'],
  [52, 'shutting down', 'unavailable (52): shutting down'],
  [80, 'internal error', 'other (80): internal error'],
])('a server that answers %i is unavailable, in its own words', async (code, words, said) => {
  const { outcome } = await met([result(2, DONE, code, words)]);
  expect(outcome.failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: `the service says "${said}"`,
  });
});

test('a server that announces to disconnect is unavailable', async () => {
  const { outcome, heard } = await met([result(0, EXTENDED, 52, 'slapd shutting down')]);
  expect(outcome.failure).toMatchObject({
    reason: 'service_unavailable',
    detail: 'the service says "unavailable (52): slapd shutting down"',
  });
  expect(heard[1]).toBe(UNBIND);
});

test.each([
  ['another result', result(2, DONE, 2, 'no'), 'expected success, got "protocolError (2): no"'],
  ['a result without a name', result(2, DONE, 99), 'expected success, got "result (99)"'],
  ['an answer to another message', result(7, DONE, 0), 'expected an answer to message 2, got "one to message 7"'],
  ['an answer to another question', result(2, 0x61, 0), expect.stringContaining('expected the root DSE')],
  ['text', Buffer.from('220 ready\r\n'), 'expected an LDAP message, got "220 ready"'],
  ['an endless length', Buffer.from('3080', 'hex'), expect.stringContaining('expected BER')],
  ['a huge length', Buffer.from('3084ffffffff', 'hex'), expect.stringContaining('at most 60000 bytes')],
  ['no operation', Buffer.from('3003020102', 'hex'), expect.stringContaining('expected an LDAP message')],
  ['an empty operation', Buffer.from('30050201026500', 'hex'), expect.stringContaining('expected an element 0xa')],
  ['a torn operation', Buffer.from('30060201026505ff', 'hex'), expect.stringContaining('whole elements')],
])('%s is unexpected', async (_what, reply, detail) => {
  const { outcome } = await met([reply]);
  expect(outcome.failure).toEqual({ reason: 'unexpected_response', phase: 'handshake', detail });
});

test('a server that refuses StartTLS fails as one whose TLS cannot be agreed', async () => {
  const { outcome, heard } = await met([result(1, EXTENDED, 2, 'unsupported extended operation')], true);
  expect(outcome.failure).toEqual({
    reason: 'tls_handshake_failed',
    phase: 'handshake',
    detail: 'the server refuses StartTLS: protocolError (2): unsupported extended operation',
  });
  expect(heard[1]).toBe(UNBIND);
});

test('one that cannot do it now is unavailable', async () => {
  const { outcome } = await met([result(1, EXTENDED, 52, 'no')], true);
  expect(outcome.failure).toMatchObject({ reason: 'service_unavailable' });
});

test('what is said in the clear after StartTLS was agreed is not believed', async () => {
  const { outcome } = await met([Buffer.concat([result(1, EXTENDED, 0), result(2, DONE, 0)])], true);
  expect(outcome.failure).toMatchObject({
    reason: 'unexpected_response',
    detail: 'the peer went on in the clear instead of TLS',
  });
});

test('whatever the bytes, reading them gives elements or a failure of the peer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        const found = readElement(Buffer.from(bytes));
        if (found !== undefined) expect(found.used).toBeLessThanOrEqual(bytes.length);
        for (const { content } of readElements(Buffer.from(bytes))) expect(content.length).toBeLessThan(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(ProbeFailure);
      }
    }),
  );
});
