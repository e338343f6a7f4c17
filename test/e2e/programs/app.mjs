// A web application on a host and any free port. It answers one path; what it answers depends on what it stands on: nothing, "postgresql"
// HOST PORT, or "amqp" HOST PORT, which it connects to for each request.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';

const PATIENCE_MS = 2000;
const [, , host, path, kind, ...there] = process.argv;

/** A page that needs nobody. */
async function welcome() {
  return [200, 'Welcome'];
}

/** A page from the database. Source: PostgreSQL, "Message Flow". */
async function orders(socket) {
  const startup = Buffer.from('\0\x03\0\0user\0postgres\0database\0postgres\0\0', 'latin1');
  socket.write(Buffer.concat([lengthOf(startup), startup]));
  const query = Buffer.from('SELECT 3\0');
  for await (const [type, body] of messages(socket)) {
    if (type === 'D') return [200, `${body.subarray(6)} open orders`];
    if (type === 'Z') socket.write(Buffer.concat([Buffer.from('Q'), lengthOf(query), query]));
  }
  throw new Error('the database hung up');
}

/** Big-endian, itself included. */
function lengthOf(message) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(4 + message.length);
  return length;
}

async function* messages(socket) {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 5 && bytes.length > bytes.readUInt32BE(1)) {
      const end = 1 + bytes.readUInt32BE(1);
      yield [bytes.toString('latin1', 0, 1), bytes.subarray(5, end)];
      bytes = bytes.subarray(end);
    }
  }
}

/** Whether there is a queue to take work from: a broker greets. Source: AMQP 0-9-1, 2.2.4. */
async function work(socket) {
  socket.write('AMQP\0\0\x09\x01');
  const [greeting] = await once(socket, 'data');
  if (greeting[0] !== 1) throw new Error('that is no broker');
  return [200, 'consuming'];
}

const APPS = {
  nothing: [welcome],
  postgresql: [orders, [500, 'could not connect to database']],
  amqp: [work, [503, 'the queue is away']],
};
const [answer, failure] = APPS[kind];

async function page() {
  if (there.length === 0) return answer();
  const [backend, port] = there;
  const socket = connect({ host: backend, port: Number(port) });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
  try {
    return await answer(socket);
  } catch {
    return failure;
  } finally {
    socket.destroy();
  }
}

const server = createServer(async (request, response) => {
  const [status, text] = request.url === path ? await page() : [404, 'there is no such page'];
  response.writeHead(status, { 'content-type': 'text/html' }).end(`<h1>${text}</h1>\n`);
});
server.listen(0, host, () => process.stdout.write(`listening port=${server.address().port}\n`));
