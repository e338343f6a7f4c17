// Listens on a host and port (0: any free one), says which, and reads whatever comes.
import { createServer } from 'node:net';

const [, , host, port] = process.argv;
const server = createServer((socket) => socket.on('error', () => undefined).resume());
server.listen({ host, port: Number(port), backlog: 4096 }, () => {
  process.stdout.write(`listening port=${server.address().port}\n`);
});
