import type { HttpListener, HttpReply, HttpRequest, HttpWire } from './http.ts';
import { ask1 } from './http1.ts';
import { ask2 } from './http2.ts';

/**
 * Asks once, over a connection that serves for nothing else: HTTP/2 where TLS has agreed to it, else HTTP/1.1. Rejects with ProbeFailure or
 * the error of the socket. Whoever has asked reads the body or destroys it; the socket is closed by whoever has opened it.
 */
export function askHttp(wire: HttpWire, request: HttpRequest, listener: HttpListener): Promise<HttpReply> {
  return wire.protocol === 'h2' ? ask2(wire.socket, request, listener) : ask1(wire.socket, request, listener);
}
