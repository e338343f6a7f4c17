import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { listenOn } from './peers.ts';
import type { Transcript } from './transcript.ts';

/** How a transcript is played: in pieces of so many bytes, and no more than so many bytes before the server hangs up. */
export type Playing = { readonly piece?: number; readonly upTo?: number };

const TRANSCRIPTS = new URL('../checks/transcripts/', import.meta.url);
const TLS = new URL('../fixtures/tls/', import.meta.url);

/** Every transcript there is. */
export async function allTranscripts(): Promise<readonly Transcript[]> {
  const files = readdirSync(TRANSCRIPTS).filter((file) => file.endsWith('.ts'));
  const modules = files.map((file): Promise<{ readonly transcripts: readonly Transcript[] }> => {
    return import(new URL(file, TRANSCRIPTS).href);
  });
  return (await Promise.all(modules)).flatMap(({ transcripts }) => transcripts);
}

/** The server of a transcript: what it says next to what it was told. */
export class Actor {
  readonly #transcript: Transcript;
  #left: number;
  #turn = 0;
  #heard = Buffer.alloc(0);

  constructor(transcript: Transcript, { upTo = Number.POSITIVE_INFINITY }: Playing = {}) {
    this.#transcript = transcript;
    this.#left = upTo;
  }

  hear(bytes: Uint8Array): void {
    this.#heard = Buffer.concat([this.#heard, bytes]);
  }

  /** All that it says by now, and has not said before. */
  speak(): Buffer {
    const { turns } = this.#transcript;
    const said: Buffer[] = [];
    for (let due = this.#due; due !== undefined; due = this.#due) {
      this.#turn++;
      said.push(due.subarray(0, this.#left));
      this.#left -= Math.min(this.#left, due.length);
      if (this.#left === 0) this.#turn = turns.length;
    }
    return Buffer.concat(said);
  }

  get #due(): Buffer | undefined {
    const turn = this.#transcript.turns[this.#turn];
    return typeof turn === 'function' ? turn(this.#heard) : turn;
  }

  /** It has said all that it has to say. */
  get isDone(): boolean {
    return this.#turn === this.#transcript.turns.length || this.#left === 0;
  }

  /** It closes without being told goodbye. */
  get hangsUp(): boolean {
    return this.isDone && (this.#left === 0 || this.#transcript.hangsUp === true);
  }
}

/** A listener that plays a transcript to everybody who connects, in TLS where that is asked for. */
export async function transcriptPeer(
  transcript: Transcript,
  { inTls = false, ...playing }: Playing & { readonly inTls?: boolean } = {},
): Promise<{ readonly address: string } & AsyncDisposable> {
  return serve(inTls, (socket) => {
    const actor = new Actor(transcript, playing);
    let speaking = Promise.resolve();
    const speak = () => {
      speaking = speaking.then(async () => {
        await say(socket, actor.speak(), playing.piece);
        if (actor.hangsUp) socket.end();
      });
    };
    speak();
    socket.on('data', (bytes) => {
      if (actor.isDone) speaking = speaking.then(() => void socket.end());
      actor.hear(bytes);
      speak();
    });
  });
}

/** A listener on 127.0.0.1, in TLS or not, that reads whatever comes. Disposing it ends its connections. */
export async function serve(
  inTls: boolean,
  onConnection: (socket: Socket) => void,
): Promise<{ readonly address: string } & AsyncDisposable> {
  const open = new Set<Socket>();
  const accept = (socket: Socket) => {
    socket.on('error', () => {}).setNoDelay(true);
    socket.resume();
    onConnection(socket);
  };
  const server: Server = inTls ? createTlsServer(fixture(), accept) : createServer(accept);
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
  });
  const port = await listenOn(server);
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function fixture(): { readonly key: Buffer; readonly cert: Buffer } {
  const [key, cert] = ['key', 'crt'].map((end) => readFileSync(new URL(`self-signed.${end}`, TLS)));
  return { key: key as Buffer, cert: cert as Buffer };
}

/** Writes the bytes, each piece in a turn of the loop of its own. */
async function say(socket: Socket, bytes: Buffer, piece = Number.POSITIVE_INFINITY): Promise<void> {
  for (let at = 0; at < bytes.length && socket.writable; at += piece) {
    socket.write(bytes.subarray(at, at + piece));
    if (at + piece < bytes.length) await setImmediate();
  }
}
