import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { GrpcConnection } from '../../src/net/grpc-connection.ts';
import { callOnce, GRPC_REQUEST, type GrpcReply, grpcServer, openSocket, prefixed } from '../helpers/grpc-server.ts';
import { END_STREAM, frameTypes, headers, SETTINGS } from '../helpers/http2-frames.ts';
import { peer } from '../helpers/peers.ts';

const OK = { 'grpc-status': '0' };

describe('a call', () => {
  it.each([
    ['plain', false, 'http'],
    ['in TLS', true, 'https'],
  ])('%s says what gRPC says, and is answered', async (_, inTls, scheme) => {
    await using server = await grpcServer({ body: prefixed(Buffer.from('world')), trailers: OK }, inTls);
    const metadata = [['authorization', 'Bearer x']] as const;
    const answer = await callOnce(server.port, { metadata, ...(inTls && { alpn: ['h2'] }) });
    expect(answer).toEqual({
      httpStatus: 200,
      contentType: 'application/grpc',
      status: 0,
      statusMessage: '',
      message: Buffer.from('world'),
    });
    expect(server.heard).toHaveLength(1);
    expect(server.heard[0]?.body).toEqual(prefixed(Buffer.from('hello')));
    expect(server.heard[0]?.headers).toMatchObject({
      ':method': 'POST',
      ':scheme': scheme,
      ':authority': 'db.test:50051',
      ':path': '/pkg.Service/Method',
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: 'Bearer x',
    });
    await vi.waitFor(() => expect(server.ended).not.toEqual([]));
    expect(new Set(server.ended)).toEqual(new Set([0]));
  });

  it.each<[what: string, reply: GrpcReply, expected: object]>([
    [
      'a message of no bytes',
      { body: prefixed(Buffer.alloc(0)), trailers: OK },
      { status: 0, message: Buffer.alloc(0) },
    ],
    ['no message', { trailers: OK }, { status: 0, message: undefined }],
    ['headers alone', { headers: { 'grpc-status': '12' } }, { status: 12, statusMessage: '', message: undefined }],
    [
      'words for a status, percent-encoded',
      { headers: { 'grpc-status': '5', 'grpc-message': 'kein %C3%BCbler%20Dienst' } },
      { status: 5, statusMessage: 'kein übler Dienst' },
    ],
    [
      'words that are not well encoded',
      { headers: { 'grpc-status': '5', 'grpc-message': '100%' } },
      { status: 5, statusMessage: '100%' },
    ],
    [
      'a subtype in the content type',
      { headers: { 'content-type': 'application/grpc+proto' }, trailers: OK },
      { status: 0, contentType: 'application/grpc+proto' },
    ],
    [
      'a page of a web server, whose body does not matter',
      { headers: { ':status': 404, 'content-type': 'text/html' }, body: Buffer.alloc(1_000_000) },
      { httpStatus: 404, contentType: 'text/html', status: undefined },
    ],
    [
      'gRPC for browsers, which is something else',
      { headers: { 'content-type': 'application/grpc-web' }, body: Buffer.from('x') },
      { status: undefined },
    ],
  ])('is answered by %s', async (_, reply, expected) => {
    await using server = await grpcServer(reply);
    expect({ message: undefined, status: undefined, ...(await callOnce(server.port)) }).toMatchObject(expected);
  });

  it('is not lost when the server says its settings before anybody listens', async () => {
    await using server = await peer((socket) => {
      socket.write(SETTINGS);
      socket.once('data', () => socket.write(headers({ ':status': '200', 'grpc-status': '0' }, END_STREAM)));
    });
    const socket = await openSocket(server.port);
    await vi.waitFor(() => expect(socket.readableLength).toBeGreaterThan(0));
    const connection = new GrpcConnection(socket);
    await expect(connection.call(GRPC_REQUEST)).resolves.toMatchObject({ status: 0 });
    connection.close();
  });

  it('with metadata that cannot be sent is nobody’s fault but ours', async () => {
    await using server = await grpcServer({ trailers: OK });
    await expect(callOnce(server.port, { metadata: [['not a name', 'x']] })).rejects.toMatchObject({
      code: 'ERR_INVALID_HTTP_TOKEN',
    });
  });
});

describe('leaving', () => {
  it('says GOAWAY and FIN, never RST', async () => {
    const heard: Buffer[] = [];
    const ended: string[] = [];
    await using server = await peer((socket) => {
      socket.on('data', (chunk) => heard.push(chunk)).on('end', () => ended.push('fin'));
      socket.on('error', () => ended.push('rst'));
      socket.write(SETTINGS);
      socket.once('data', () => socket.write(headers({ ':status': '200', 'grpc-status': '0' }, END_STREAM)));
    });
    await callOnce(server.port);
    expect(ended).toEqual(['fin']);
    const types = frameTypes(Buffer.concat(heard));
    expect(types.at(-1)).toBe(7);
    expect(types).not.toContain(3);
  });

  it('cancels a call that was not answered, and does not wait for ever', async () => {
    const heard: Buffer[] = [];
    await using server = await peer((socket) => {
      socket.allowHalfOpen = true;
      socket.on('data', (chunk) => heard.push(chunk));
      socket.write(SETTINGS);
    });
    const connection = new GrpcConnection(await openSocket(server.port));
    const answer = connection.call(GRPC_REQUEST);
    const rejected = expect(answer).rejects.toMatchObject({ reason: 'closed_early', message: 'the talk is over' });
    await vi.waitFor(() => expect(frameTypes(Buffer.concat(heard))).toContain(0));
    await connection.leave(50);
    await rejected;
    expect(frameTypes(Buffer.concat(heard))).toEqual(expect.arrayContaining([3, 7]));
  });

  it.each([
    ['the connection', (connection: GrpcConnection) => connection.close()],
    ['its socket', (_: GrpcConnection, socket: Socket) => socket.destroy()],
  ])('the wait for an answer ends when somebody closes %s', async (_, close) => {
    await using server = await peer();
    const socket = await openSocket(server.port);
    const connection = new GrpcConnection(socket);
    const rejected = expect(connection.call(GRPC_REQUEST)).rejects.toMatchObject({ reason: 'closed_early' });
    setImmediate(() => close(connection, socket));
    await rejected;
    await connection.leave();
    expect(socket.destroyed).toBe(true);
  });
});

it('40 calls at once leave no connection behind', async () => {
  await using server = await grpcServer({ body: prefixed(Buffer.from('world')), trailers: OK });
  const answers = await Promise.all(Array.from({ length: 40 }, () => callOnce(server.port)));
  expect(answers.every(({ status }) => status === 0)).toBe(true);
  await vi.waitFor(() => expect(server.ended.length).toBeGreaterThanOrEqual(40));
  expect(new Set(server.ended)).toEqual(new Set([0]));
});
