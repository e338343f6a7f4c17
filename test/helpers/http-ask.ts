import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { expect, vi } from 'vitest';
import type { HttpRequest } from '../../src/net/http.ts';
import { askHttp } from '../../src/net/http-ask.ts';
import { type Body, readBody } from '../../src/net/http-body.ts';
import { Stream } from '../../src/net/stream.ts';
import { blame } from '../../src/probe/blame.ts';
import { peer } from './peers.ts';

/** What came of one request. `failure`: its reason and its words. */
export type Asked = {
  readonly status?: number;
  readonly version?: string;
  readonly headers?: ReadonlyMap<string, readonly string[]>;
  readonly contentLength?: number;
  readonly body?: string;
  readonly length?: number;
  readonly failure?: string;
};

/** How it is asked. `protocol`: what TLS would have agreed to; `inTls`: it is in TLS, and that agrees to it. */
export type Asking = {
  readonly request?: Partial<HttpRequest>;
  readonly protocol?: string;
  readonly inTls?: true;
  /** The frame's deadline, ms. */
  readonly withinMs?: number;
};

/** Asks a server that answers with these bytes, once it has been asked, and then hangs up or not. */
export async function answered(answer: string | Buffer, hangsUp = true, asking: Asking = {}): Promise<Asked> {
  return await facing((socket) => {
    socket.once('data', () => (hangsUp ? socket.end(answer, 'latin1') : socket.write(answer, 'latin1')));
  }, asking);
}

export async function facing(onConnection: (socket: Socket) => unknown, asking: Asking = {}): Promise<Asked> {
  await using server = await peer(onConnection);
  return await askOnce(server.port, asking);
}

/** More than the buffers of a connection have room for. */
export const LONG_POST: Asking = { request: { method: 'POST', body: Buffer.alloc(8 * 1024 * 1024) } };

const GET: HttpRequest = {
  method: 'GET',
  target: '/',
  authority: 'example.org',
  scheme: 'http',
  headers: [],
  body: undefined,
};
const KEPT = 64 * 1024;

/**
 * Asks a port of this machine once, as a check would, reads the whole answer, and waits until the connection is over: by itself when the
 * answer was complete.
 */
export async function askOnce(
  port: number,
  { request, protocol, inTls, withinMs = 2000 }: Asking = {},
): Promise<Asked> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const stream = new Stream(socket);
  const deadline = setTimeout(() => stream.close(), withinMs);
  try {
    if (inTls) await speakTls(stream);
    const wire = stream.lend();
    const reply = await askHttp({ ...wire, protocol: protocol ?? wire.protocol }, { ...GET, ...request }, NOBODY);
    const body = await readBody(reply.body, { keep: KEPT });
    await vi.waitFor(() => expect(socket.destroyed).toBe(true), { timeout: 1000, interval: 2 });
    return { ...reply, ...told(body) };
  } catch (error) {
    const { reason, detail } = blame(error, 'handshake', false);
    return { failure: `${reason}: ${detail}` };
  } finally {
    clearTimeout(deadline);
    stream.close();
    await closed;
  }
}

const NOBODY = { firstByte: () => {} };

function told({ kept, length }: Body) {
  return { body: kept.toString('latin1'), length };
}

async function speakTls(stream: Stream): Promise<void> {
  const secureContext = createSecureContext();
  const peer = { host: 'localhost', serverName: undefined, secureContext, judge: 'nothing' as const };
  await stream.secure({ ...peer, protocols: ['h2', 'http/1.1'] }, () => {});
}
