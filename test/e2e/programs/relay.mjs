// Takes connections on a Unix socket, which knows no namespaces of networks, and hands them on to a port of 127.0.0.1.
import { connect, createServer } from 'node:net';
import { pipeline } from 'node:stream';

const [, , file, port] = process.argv;
const server = createServer((from) => {
  const to = connect({ host: '127.0.0.1', port: Number(port) });
  pipeline(from, to, from, () => undefined);
});
server.listen(file, () => process.stdout.write('listening\n'));
