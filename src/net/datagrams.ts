import { createSocket, type Socket } from 'node:dgram';
import type { Channel, Destination, Reader } from './channel.ts';
import { Inbox } from './inbox.ts';

/**
 * A talk by UDP with one address and port. Connected, so that the kernel lets through nobody else's datagrams and reports that nothing
 * listens there (ECONNREFUSED, from the ICMP answer). Each datagram is offered to the reader alone; one that it makes nothing of is
 * forgotten.
 */
export class Datagrams implements Channel {
  readonly #socket: Socket;
  readonly #unsent: Uint8Array[] = [];
  #connected = false;
  #closed = false;
  #inbox = new Inbox();

  /** `onClose`: once, when its socket is gone. */
  constructor({ address, port, sourceIp }: Destination, onClose: () => void) {
    this.#socket = createSocket({ type: address.family === 6 ? 'udp6' : 'udp4' });
    this.#socket.once('close', onClose);
    this.#socket.on('message', (datagram) => {
      this.#inbox.put(datagram);
      this.#inbox.clear();
    });
    this.#socket.on('error', (error) => {
      this.#inbox.end(error);
      // Node forgets a close that was asked for before it had failed to bind.
      if (this.#closed) this.#socket.close();
    });
    if (sourceIp !== undefined) this.#socket.bind({ address: sourceIp, port: 0, exclusive: true });
    this.#socket.connect(port, address.text, (...failed: unknown[]) => {
      const [error] = failed;
      if (error instanceof Error) this.#inbox.end(error);
      else this.#flush();
    });
  }

  /** Whether its socket is bound: what comes of it now is the peer's. */
  get isOpen(): boolean {
    return this.#connected && !this.#closed;
  }

  send(bytes: Uint8Array): void {
    if (this.#connected) this.#write(bytes);
    else this.#unsent.push(bytes);
  }

  take<Value>(reader: Reader<Value>): Promise<Value> {
    return this.#inbox.take(reader);
  }

  takeWithin<Value>(ms: number, reader: Reader<Value>): Promise<Value | undefined> {
    return this.#inbox.takeWithin(ms, reader);
  }

  /** Closes at once: there is nobody to say goodbye to. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#inbox.end(new Error('the talk is over'));
    this.#socket.close();
  }

  #flush(): void {
    this.#connected = true;
    for (const bytes of this.#unsent.splice(0)) this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    if (!this.#closed) this.#socket.send(bytes, (error) => error && this.#inbox.end(error));
  }
}
