import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket, type TlsOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Authorities } from '../../src/net/authorities.ts';
import { systemClock } from '../../src/net/clock.ts';
import type { World } from '../../src/probe/world.ts';
import { type Peer, peer } from './peers.ts';
import { testWorld } from './world.ts';

const FIXTURES = new URL('../fixtures/tls/', import.meta.url);
/** For localhost, signed by itself. */
export const SELF_SIGNED = {
  cert: readFileSync(new URL('self-signed.crt', FIXTURES)),
  key: readFileSync(new URL('self-signed.key', FIXTURES)),
};

/** What is said to a line, and what comes after it. */
export type Answer = string | { readonly say: string; readonly next: 'TLS' | 'the end' };

export type LineServerOptions = {
  readonly tls?: TlsOptions;
  /** TLS from the first byte. */
  readonly direct?: true;
};

/** A scripted server of a protocol in lines. */
export type LineServer = Peer & {
  /** Every line that clients have said, those in TLS marked. */
  readonly heard: readonly string[];
};

/** Greets, and answers each line as the table says; what is not in it gets no answer. */
export async function lineServer(
  greeting: string,
  answers: Readonly<Record<string, Answer>> = {},
  { tls = SELF_SIGNED, direct }: LineServerOptions = {},
): Promise<LineServer> {
  const heard: string[] = [];
  const reply = (socket: Duplex, mark: string, line: string): void => {
    heard.push(`${mark}${line}`);
    const answer = answers[`${mark}${line}`];
    if (answer === undefined) return;
    socket.write(typeof answer === 'string' ? answer : answer.say);
    const next = typeof answer === 'string' ? undefined : answer.next;
    if (next === 'the end') socket.end();
    if (next === 'TLS') listen(inTls(socket, tls), 'in TLS: ');
  };
  const listen = (socket: Duplex, mark: string): void => {
    socket.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) reply(socket, mark, line);
    });
  };
  const server = await peer((raw) => {
    const socket = direct ? inTls(raw, tls) : raw;
    socket.write(greeting);
    listen(socket, '');
  });
  return { ...server, heard };
}

function inTls(socket: Duplex, tls: TlsOptions): Duplex {
  socket.removeAllListeners('data');
  return new TLSSocket(socket as Socket, { isServer: true, ...tls }).on('error', () => {});
}

/** The machine's authorities, or this file's instead. */
export function trusting(file: string = fileURLToPath(new URL('self-signed.crt', FIXTURES))): World {
  return testWorld({ authorities: new Authorities(systemClock, { SSL_CERT_FILE: file }) });
}
