// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the templates of the dialogue, as Go writes them.
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { renderOne } from '../../src/exposition/fleet.ts';
import { probeWith } from '../helpers/modules.ts';
import { type Peer, peer } from '../helpers/peers.ts';

type Step = Readonly<Record<string, unknown>>;

function tcp(...steps: readonly Step[]) {
  return { prober: 'tcp', tcp: { query_response: steps } };
}

/** Says something first, and keeps what it hears. */
async function greeter(greeting: string | Buffer, then: (socket: Socket) => void = () => {}) {
  const heard: Buffer[] = [];
  const server = await peer((socket) => {
    socket.on('data', (chunk) => heard.push(chunk));
    if (greeting.length > 0) socket.write(greeting);
    then(socket);
  });
  return Object.assign(server satisfies Peer, { heard: () => Buffer.concat(heard).toString('latin1') });
}

describe('expect', () => {
  it.each<[what: string, greeting: string | Buffer, pattern: string]>([
    ['the first line', '220 ready\r\n', '^220 ready$'],
    ['a later line', '220-one\r\n220-two\r\n220 three\r\n', '^220 three$'],
    ['lines that end in LF', 'one\ntwo\n', '^two$'],
    ['an empty line', 'one\n\ntwo\n', '^$'],
    ['a part of a line', 'SSH-2.0-OpenSSH_9.2p1\r\n', 'OpenSSH'],
    ['letters of any alphabet', 'Gr\u00fc\u00df dich\n', '^Gr.. dich$'],
    ['bytes that are no UTF-8', Buffer.from('a\xff\xe2\x82b\n', 'latin1'), '^a...b$'],
    ['a line with the other end in it', 'a\rb\r\n', '^a.b$'],
  ])('finds %s', async (_, greeting, pattern) => {
    await using server = await greeter(greeting);
    const { failure } = await probeWith(tcp({ expect: pattern }), server.port);
    expect(failure).toBeUndefined();
  });

  it('finds a prompt, which has no end of line, once nothing follows', async () => {
    await using server = await greeter('Welcome\r\nlogin: ');
    const result = await probeWith(tcp({ expect: '^login: $' }, { send: 'guest' }), server.port);
    expect(result.failure).toBeUndefined();
    expect(server.heard()).toBe('guest\n');
    expect(result.phases.handshake).toBeLessThan(1000);
  });

  it('does not take half a line for one', async () => {
    await using server = await greeter('220 mail.exa', (socket) => {
      setTimeout(() => socket.write('mple.org\r\n'), 50);
    });
    const labels = [{ name: 'host', value: '$1' }];
    const { samples } = await probeWith(tcp({ expect: '^220 (.*)$', labels }), server.port);
    expect(samples).toEqual([{ name: 'probe_expect_info', labels: { host: 'mail.example.org' }, value: 1 }]);
  });

  it('finds a line behind a prompt that does not match', async () => {
    await using server = await greeter('login: ', (socket) => {
      setTimeout(() => socket.write('\r\n220 ready\r\n'), 300);
    });
    expect((await probeWith(tcp({ expect: '^220' }), server.port)).failure).toBeUndefined();
  });

  it.each([
    ['the last line without its end', 'one\ntwo', '^two$'],
    ['the last line with its end', 'one\ntwo\n', '^two$'],
  ])('finds, where the server hangs up, %s', async (_, said, pattern) => {
    await using server = await peer((socket) => socket.end(said));
    expect((await probeWith(tcp({ expect: pattern }), server.port)).failure).toBeUndefined();
  });
});

describe('a server that does not answer as expected', () => {
  const REGEX = { name: 'probe_failed_due_to_regex', labels: {}, value: 1 };
  const BYTES = { name: 'probe_failed_due_to_bytes', labels: {}, value: 1 };

  it.each<[what: string, said: string, step: Step, failure: object, samples: unknown]>([
    [
      'other lines, then it hangs up',
      '554 too many connections\r\n\r\n',
      { expect: '^220' },
      { reason: 'unexpected_response', detail: 'expected a line that matches "^220", got "554 too many connections"' },
      [REGEX],
    ],
    [
      'nothing, and it hangs up',
      '',
      { expect: '.*' },
      { reason: 'closed_early', detail: 'the peer hung up before it had answered' },
      [REGEX],
    ],
    [
      'other bytes',
      'N',
      { expect_bytes: 'S' },
      { reason: 'unexpected_response', detail: 'expected "S", got "N"' },
      [BYTES],
    ],
    [
      'too few bytes, and it hangs up',
      '\x01\x02',
      { expect_hex: '01 02 03' },
      { reason: 'unexpected_response', detail: 'expected bytes 010203, got bytes 0102' },
      [BYTES],
    ],
    ['no bytes, and it hangs up', '', { expect_bytes: 'S' }, { reason: 'closed_early' }, undefined],
  ])('says so: %s', async (_, said, step, failure, samples) => {
    await using server = await peer((socket) => socket.end(said));
    const result = await probeWith(tcp(step), server.port);
    expect(result.failure).toMatchObject({ ...failure, phase: 'handshake' });
    expect(result.samples).toEqual(samples);
  });

  it('fails at the first byte that is another one, without waiting for the rest', async () => {
    await using server = await greeter('HTTP');
    const { failure } = await probeWith(tcp({ expect_bytes: 'HELLO WORLD' }), server.port);
    expect(failure).toMatchObject({ reason: 'unexpected_response', detail: 'expected "HELLO WORLD", got "HTTP"' });
  });

  it('times out when it is silent', async () => {
    await using server = await greeter('');
    const { failure, samples } = await probeWith(tcp({ expect: '^SSH-' }), server.port, { timeoutMs: 400 });
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
    expect(samples).toBeUndefined();
  });

  it('is told what came instead when it says something else and waits', async () => {
    await using server = await greeter('220 ready\r\n');
    const { failure } = await probeWith(tcp({ expect: '^SSH-' }), server.port, { timeoutMs: 400 });
    expect(failure).toMatchObject({
      reason: 'unexpected_response',
      phase: 'handshake',
      detail: 'expected a line that matches "^SSH-", got "220 ready"',
    });
  });

  it('times out when it matches one step and is silent at the next', async () => {
    await using server = await greeter('220 ready\r\n');
    const steps = tcp({ expect: '^220' }, { send: 'HELO', expect: '^250' });
    const { failure } = await probeWith(steps, server.port, { timeoutMs: 400 });
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  });

  it('is cut off when it talks without end', async () => {
    await using server = await greeter(Buffer.alloc(100_000, 'x'));
    const { failure } = await probeWith(tcp({ expect: '^y' }), server.port);
    expect(failure).toMatchObject({ reason: 'unexpected_response', phase: 'handshake' });
  });

  it.each([
    ['a long line, a large pattern', `${'abcde'.repeat(10_000)} q\n`, '([a-e]{100,900}) z'],
    ['lines without number', '\n'.repeat(60_000), '^x$'],
  ])('is not listened to for long: %s', async (_, said, pattern) => {
    await using server = await greeter(said);
    const startedAt = performance.now();
    const { failure } = await probeWith(tcp({ expect: pattern }), server.port);
    expect(failure?.detail).toBe('the peer says more than a pattern of this size is held against');
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });
});

describe('send', () => {
  it.each<[what: string, step: Step, bytes: string]>([
    ['text with a line feed', { send: 'HELO me' }, 'HELO me\n'],
    ['text with CR LF where CR is written', { send: 'QUIT\r' }, 'QUIT\r\n'],
    ['nothing for nothing', { send: '' }, ''],
    ['hexadecimal bytes as they are', { send_hex: '00 00 0008 04d2162F' }, '\0\0\0\x08\x04\xd2\x16/'],
    ['base64 as it is', { send_base64: 'AAAACATSFi8=' }, '\0\0\0\x08\x04\xd2\x16/'],
    ['text without a pattern beside it, dollars and all', { send: 'costs $1 ${1}' }, 'costs $1 ${1}\n'],
  ])('says %s', async (_, step, bytes) => {
    await using server = await greeter('');
    await probeWith(tcp(step), server.port);
    await expect.poll(server.heard).toBe(bytes);
  });

  it('says !!binary as it is: what PostgreSQL is asked for TLS with has no line feed', async () => {
    await using server = await greeter('');
    await probeWith('{prober: tcp, tcp: {query_response: [{send: !!binary AAAACATSFi8=}]}}', server.port);
    await expect.poll(server.heard).toBe('\0\0\0\x08\x04\xd2\x16/');
  });

  it('puts in what the pattern beside it found, byte for byte', async () => {
    await using server = await greeter(Buffer.from('PING :\xff-7\r\n', 'latin1'));
    await probeWith(tcp({ expect: 'PING :([^ ]+)', send: 'PONG ${1}\r' }), server.port);
    await expect.poll(server.heard).toBe('PONG \xff-7\r\n');
  });

  it('comes after what its step expects, and steps come one after the other', async () => {
    await using server = await peer((socket) => {
      socket.write('one\n');
      socket.on('data', (chunk) => socket.end(chunk.toString() === 'two\n' ? 'three\n' : 'no\n'));
    });
    const { failure } = await probeWith(tcp({ expect: 'one', send: 'two' }, { expect: '^three$' }), server.port);
    expect(failure).toBeUndefined();
  });

  it('says bytes and reads bytes and lines in one dialogue, losing none', async () => {
    await using server = await greeter('line\r\nAB\x00Crest\r\n');
    const steps = [{ expect: '^line$' }, { expect_bytes: 'AB' }, { expect_hex: '0043' }, { expect: '^rest$' }];
    expect((await probeWith(tcp(...steps), server.port)).failure).toBeUndefined();
  });
});

describe('labels', () => {
  const LABELS = [
    { name: 'version', value: '${v}' },
    { name: 'both', value: '$1/$2' },
    { name: 'none', value: '$9 ${nobody}' },
    { name: 'fixed' },
  ];

  it('take their values from what the pattern found', async () => {
    await using server = await greeter('SSH-2.0-OpenSSH_9 Debian\r\n');
    const result = await probeWith(tcp({ expect: '^SSH-2.0-(?P<v>[^ -]+)(?: (.*))?$', labels: LABELS }), server.port);
    expect(renderOne({ result }, 'text')).toContain(
      'probe_expect_info{version="OpenSSH_9",both="OpenSSH_9/Debian",none=" ",fixed=""} 1\n',
    );
  });

  it('of two steps are two lines, equal ones one', async () => {
    await using server = await greeter('a\nb\nb\n');
    const step = { expect: '^(.)$', labels: [{ name: 'l', value: '$1' }] };
    const result = await probeWith(tcp(step, step, step), server.port);
    const lines = renderOne({ result }, 'text').match(/^probe_expect_info.*$/gm);
    expect(lines).toEqual(['probe_expect_info{l="a"} 1', 'probe_expect_info{l="b"} 1']);
  });

  it('have nothing in them that would end a scrape, and an end', async () => {
    await using server = await greeter(Buffer.from(`a\0\x1b\xff${'x'.repeat(2000)}\n`, 'latin1'));
    const { samples } = await probeWith(tcp({ expect: '(.*)', labels: [{ name: 'l', value: '$1' }] }), server.port);
    expect(samples?.[0]?.labels['l']).toMatch(/^a\uFFFD\uFFFD\uFFFDx{900,}$/);
    expect(samples?.[0]?.labels['l']?.length).toBeLessThanOrEqual(1000);
  });

  it('are not lost when a later step fails', async () => {
    await using server = await peer((socket) => socket.end('a\nb\n'));
    const first = { expect: '^(a)$', labels: [{ name: 'l', value: '$1' }] };
    const { samples } = await probeWith(tcp(first, { expect: '^c$' }), server.port);
    expect(samples?.map(({ name }) => name)).toEqual(['probe_expect_info', 'probe_failed_due_to_regex']);
  });
});
