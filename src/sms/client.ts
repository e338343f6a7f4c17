import { request as plainRequest } from 'node:http';
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
export type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly body: string };

/** There was no answer. */
export class NoAnswer extends Error {
  readonly reason: 'timeout' | 'network';

  constructor(reason: 'timeout' | 'network', message: string) {
    super(message);
    this.name = 'NoAnswer';
    this.reason = reason;
  }
}

const MOST_BYTES = 64 * 1024;
/** Node.js gives each address of a host 250 ms unless told otherwise: too little for one that is far away. */
const ADDRESS_MS = 2500;

/** Makes the request on a connection of its own, so that it never meets one that the provider has just closed. Rejects with NoAnswer. */
export function call({ url, method, headers, body, timeoutMs }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      rejectUnauthorized: true,
      // Passed on to the socket.
      autoSelectFamilyAttemptTimeout: ADDRESS_MS,
    } as const;
    const request = (url.protocol === 'http:' ? plainRequest : tlsRequest)(url, options);
    const fail = (reason: 'timeout' | 'network', message: string) => {
      clearTimeout(timer);
      request.destroy();
      reject(new NoAnswer(reason, message));
    };
    const timer = setTimeout(() => fail('timeout', `no answer from ${url.host} within ${timeoutMs} ms`), timeoutMs);
    const broken = (error: NodeJS.ErrnoException) => fail('network', `${url.host}: ${error.code ?? error.message}`);
    request.on('error', broken);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > MOST_BYTES) fail('network', `${url.host} answers with more than ${MOST_BYTES} bytes`);
      });
      response.on('error', broken);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], body: text });
      });
    });
    request.end(body);
  });
}
