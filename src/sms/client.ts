import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** One request to a provider. */
export type Call = {
  readonly url: URL;
  readonly method: 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For all of it: name, connection, TLS, answer. */
  readonly timeoutMs: number;
};

/** What the provider answered. */
export type Answer = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
  /** False when the body was cut, took too long or had no end. */
  readonly whole: boolean;
};

/** There was no answer. */
export class NoAnswer extends Error {
  readonly reason: 'timeout' | 'network';
  /** The provider had the whole request: it may have taken the SMS. */
  readonly maybeTaken: boolean;

  constructor(reason: 'timeout' | 'network', message: string, maybeTaken: boolean) {
    super(message);
    this.name = 'NoAnswer';
    this.reason = reason;
    this.maybeTaken = maybeTaken;
  }
}

const MOST_BYTES = 64 * 1024;
/** Node.js gives each address of a host 250 ms unless told otherwise: too little for one that is far away. */
const ADDRESS_MS = 2500;

/** Makes the request on a connection of its own, so that it never meets one that the provider has just closed. Rejects with NoAnswer. */
export function call({ url, method, headers, body, timeoutMs }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const plain = url.protocol === 'http:';
    const options = {
      method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      rejectUnauthorized: true,
      // Passed on to the socket.
      autoSelectFamilyAttemptTimeout: ADDRESS_MS,
    } as const;
    const request = (plain ? plainRequest : tlsRequest)(url, options);
    let connected = false;
    let written = false;
    let head: IncomingMessage | undefined;
    let text = '';
    // The status says what became of the SMS: once it is here, a body that goes wrong must not make another SMS of it.
    const answer = (whole: boolean) => {
      clearTimeout(timer);
      request.destroy();
      const { statusCode = 0, headers: said = {} } = head ?? {};
      resolve({ status: statusCode, retryAfter: said['retry-after'], body: text, whole });
    };
    const fail = (reason: 'timeout' | 'network', message: string) => {
      if (head !== undefined) return answer(false);
      clearTimeout(timer);
      request.destroy();
      reject(new NoAnswer(reason, message, connected && written));
    };
    const timer = setTimeout(() => fail('timeout', `no answer from ${url.host} within ${timeoutMs} ms`), timeoutMs);
    const broken = (error: NodeJS.ErrnoException) => fail('network', `${url.host}: ${error.code ?? error.message}`);
    request.on('socket', (socket) => {
      socket.once(plain ? 'connect' : 'secureConnect', () => {
        connected = true;
      });
    });
    request.on('finish', () => {
      written = true;
    });
    request.on('error', broken);
    request.on('response', (response) => {
      head = response;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MOST_BYTES) answer(false);
      });
      response.on('error', broken);
      response.on('end', () => answer(true));
    });
    request.end(body);
  });
}
