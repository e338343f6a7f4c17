import { after, type Transcript } from '../../helpers/transcript.ts';

const HEADER = Buffer.from('414d515000000901', 'hex');

/** As RabbitMQ 3.10.8 said it. */
const START = Buffer.from(
  [
    'AQAAAAAB8AAKAAoACQAAAcsMY2FwYWJpbGl0aWVzRgAAAMcScHVibGlzaGVyX2NvbmZpcm1zdAEaZXhjaGFuZ2VfZXhjaGFuZ2VfYmluZGluZ3N0',
    'AQpiYXNpYy5uYWNrdAEWY29uc3VtZXJfY2FuY2VsX25vdGlmeXQBEmNvbm5lY3Rpb24uYmxvY2tlZHQBE2NvbnN1bWVyX3ByaW9yaXRpZXN0ARxh',
    'dXRoZW50aWNhdGlvbl9mYWlsdXJlX2Nsb3NldAEQcGVyX2NvbnN1bWVyX3Fvc3QBD2RpcmVjdF9yZXBseV90b3QBDGNsdXN0ZXJfbmFtZVMAAAAJ',
    'cHJvYmVkQHZtCWNvcHlyaWdodFMAAAA3Q29weXJpZ2h0IChjKSAyMDA3LTIwMjIgVk13YXJlLCBJbmMuIG9yIGl0cyBhZmZpbGlhdGVzLgtpbmZv',
    'cm1hdGlvblMAAAA5TGljZW5zZWQgdW5kZXIgdGhlIE1QTCAyLjAuIFdlYnNpdGU6IGh0dHBzOi8vcmFiYml0bXEuY29tCHBsYXRmb3JtUwAAABFF',
    'cmxhbmcvT1RQIDI1LjIuMwdwcm9kdWN0UwAAAAhSYWJiaXRNUQd2ZXJzaW9uUwAAAAYzLjEwLjgAAAAOUExBSU4gQU1RUExBSU4AAAAFZW5fVVPO',
  ].join(''),
  'base64',
);

export const transcripts: readonly Transcript[] = [
  {
    title: 'RabbitMQ 3.10',
    service: 'amqp',
    turns: [after(HEADER, START)],
    facts: { version: 'RabbitMQ 3.10.8' },
  },
  {
    title: 'RabbitMQ 3.10 in TLS',
    service: 'amqps',
    tls: { judge: 'nothing' },
    turns: [after(HEADER, START)],
    facts: { version: 'RabbitMQ 3.10.8' },
  },
];
