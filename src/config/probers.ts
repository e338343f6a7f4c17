import { dnsTree, readDns } from './dns-module.ts';
import { grpcTree, readGrpc } from './grpc-module.ts';
import { readHttp } from './http-module.ts';
import { httpTree } from './http-tree.ts';
import { icmpTree, readIcmp } from './icmp-module.ts';
import type { Path } from './path.ts';
import type { Report, Warn } from './problems.ts';
import { readTcp, tcpTree, type Way } from './tcp-module.ts';
import { readUnix, unixTree } from './unix-module.ts';
import { readWebsocket, websocketTree } from './websocket-module.ts';
import type { Tree } from './yaml.ts';

/** A prober of blackbox_exporter: what its options say, and how they would be written. */
type Prober = {
  readonly read: (options: unknown, path: Path, report: Report, warn: Warn) => Way;
  readonly tree: (way: Way) => Tree;
};

/** Every prober of blackbox_exporter, by name. Its options stand under the same name. */
export const PROBERS: ReadonlyMap<string, Prober> = new Map<string, Prober>([
  ['tcp', { read: readTcp, tree: tcpTree }],
  ['http', { read: readHttp, tree: httpTree }],
  ['dns', { read: readDns, tree: dnsTree }],
  ['icmp', { read: readIcmp, tree: icmpTree }],
  ['grpc', { read: readGrpc, tree: grpcTree }],
  ['unix', { read: readUnix, tree: unixTree }],
  ['websocket', { read: readWebsocket, tree: websocketTree }],
]);

/** Their names. */
export const SECTIONS: readonly string[] = [...PROBERS.keys()];
