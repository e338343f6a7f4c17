// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the templates of the dialogue, as Go writes them.
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer, TLSSocket, type TlsOptions } from 'node:tls';
import { expect } from 'vitest';
import { startBlackbox } from '../helpers/e2e-blackbox.ts';
import { createAuthority } from '../helpers/e2e-certificates.ts';
import { exporterCommand, startExporter } from '../helpers/e2e-exporter.ts';
import { http } from '../helpers/e2e-http.ts';
import { run } from '../helpers/e2e-program.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { listenOn, peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';
import { startPostgreSql } from '../helpers/servers/postgresql.ts';

/** Families whose samples must be the same, labels and values. */
const COMPARED = [
  'probe_success',
  'probe_failed_due_to_regex',
  'probe_ip_protocol',
  'probe_ssl_earliest_cert_expiry',
  'probe_ssl_last_chain_info',
  'probe_tls_version_info',
];

type Step = { readonly expect?: string; readonly send?: string; readonly starttls?: boolean };
type Script = (socket: Socket) => void;
type Case = { readonly steps: readonly Step[]; readonly serve: Script; readonly up: boolean };

const SSH: readonly Step[] = [{ expect: '^SSH-2.0-' }];
const IRC: readonly Step[] = [
  { send: 'NICK prober' },
  { send: 'USER prober prober prober :prober' },
  { expect: 'PING :([^ ]+)', send: 'PONG ${1}' },
  { expect: '^:[^ ]+ 001' },
];
const SMTP: readonly Step[] = [
  { expect: '^220 ([^ ]+) ESMTP (.+)$' },
  { send: 'EHLO prober\r' },
  { expect: '^250-STARTTLS' },
  { send: 'STARTTLS\r' },
  { expect: '^220' },
  { starttls: true },
  { send: 'EHLO prober\r' },
  { expect: '^250-AUTH' },
  { send: 'QUIT\r' },
];

const says =
  (text: string | Buffer): Script =>
  (socket) =>
    void socket.write(text);
const saysAndLeaves =
  (text: string): Script =>
  (socket) =>
    void socket.end(text);

const CASES: Readonly<Record<string, Case>> = {
  'a banner': { steps: SSH, serve: says('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), up: true },
  'a banner of another service, which then waits': { steps: SSH, serve: says('220 mail ready\r\n'), up: false },
  'a banner of another service, which then leaves': { steps: SSH, serve: saysAndLeaves('554 no\r\n'), up: false },
  'a server that leaves at once': { steps: SSH, serve: saysAndLeaves(''), up: false },
  'a server that resets': { steps: SSH, serve: (socket) => setTimeout(() => socket.resetAndDestroy(), 20), up: false },
  'a silent server': { steps: SSH, serve: () => undefined, up: false },
  'a last line without end': { steps: [{ expect: '^two$' }], serve: saysAndLeaves('one\ntwo'), up: true },
  'a pattern for the empty line, and no line': { steps: [{ expect: '^$' }], serve: saysAndLeaves('one\n'), up: false },
  'bytes that are no text': {
    steps: [{ expect: '^a.(.)b$' }],
    serve: says(Buffer.from('a\xff\xfeb\n', 'latin1')),
    up: true,
  },
  'a line of many': { steps: [{ expect: '^line 9999$' }], serve: says(lines(10_000)), up: true },
  'a wrong answer in the middle': {
    steps: [{ expect: '^one' }, { send: 'x' }, { expect: '^two' }],
    serve: (socket) => {
      socket.write('one\n');
      socket.once('data', () => socket.end('three\n'));
    },
    up: false,
  },
  'IRC, which wants its word back': { steps: IRC, serve: serveIrc, up: true },
};

needs('prometheus-blackbox-exporter', 'openssl')(
  'dialogues written for blackbox_exporter have the same outcome and the same families',
  async (stage) => {
    const authority = await createAuthority(stage, 'dialogues');
    const certificate = await authority.issue('localhost');
    const tls_config = { ca_file: authority.file, server_name: 'localhost' };
    const all: Record<string, { tcp: object; port: number; up: boolean }> = {};
    for (const [name, { steps, serve, up }] of Object.entries(CASES))
      all[name] = { tcp: { query_response: steps }, port: stage.keep(await peer(serve)).port, up };
    const smtp = { query_response: SMTP, tls_config };
    const secured = { tls: true, query_response: [{ expect: '^\\+OK' }], tls_config };
    all['SMTP with STARTTLS'] = { tcp: smtp, port: stage.keep(await peer(serveSmtp(certificate))).port, up: true };
    all['TLS and a banner'] = { tcp: secured, port: await serveTls(stage, certificate, '+OK POP3\r\n'), up: true };
    all['TLS and another banner'] = { tcp: secured, port: await serveTls(stage, certificate, '-ERR\r\n'), up: false };
    all['TLS of TLS 1.3 only'] = {
      tcp: { ...secured, tls_config: { ...tls_config, min_version: 'TLS13' } },
      port: await serveTls(stage, { ...certificate, maxVersion: 'TLSv1.2' }, '+OK\r\n'),
      up: false,
    };
    all['TLS that nobody verifies'] = {
      tcp: { ...secured, tls_config: { insecure_skip_verify: true } },
      port: await serveTls(stage, certificate, '+OK\r\n'),
      up: true,
    };
    const modules = Object.fromEntries(
      Object.entries(all).map(([name, { tcp }]) => [name, { prober: 'tcp', timeout: '2s', tcp }]),
    );
    const [theirs, ours] = await Promise.all([
      startBlackbox(stage, { modules }),
      startExporter(stage, { config: { modules } }).then(({ address }) => address),
    ]);

    for (const [name, { port, up }] of Object.entries(all)) {
      const path = `/probe?module=${encodeURIComponent(name)}&target=127.0.0.1:${port}`;
      const [expected, found] = await Promise.all([probed(theirs, path), probed(ours, path)]);
      expect({ name, families: found }).toEqual({ name, families: expected });
      expect({ name, up: expected['probe_success'] }).toEqual({ name, up: [`{} ${Number(up)}`] });
    }
  },
);

/** As the documentation of blackbox_exporter has it since 0.28. */
const POSTGRESQL = (authority: string) => `
modules:
  postgresql:
    prober: tcp
    tcp:
      query_response:
      - send: !!binary AAAACATSFi8= # SSLRequest
      - expect_bytes: S
      - starttls: true
      tls_config:
        ca_file: ${authority}
        server_name: localhost
`;

needs('postgres', 'openssl')(
  'the dialogue with PostgreSQL that blackbox_exporter documents gets to the certificate, as its line feed does not',
  async (stage) => {
    const authority = await createAuthority(stage, 'postgresql');
    const { cert, key, expiry } = await authority.issue('localhost');
    const [secured, plain, exporter] = await Promise.all([
      startPostgreSql(stage, { hba: [], settings: { ssl: 'on' }, files: { 'server.crt': cert, 'server.key': key } }),
      startPostgreSql(stage, { hba: [] }),
      startExporter(stage, { config: POSTGRESQL(authority.file) }),
    ]);

    const up = await exporter.scrape(`/probe?module=postgresql&target=${secured.address}`);
    const down = await exporter.scrape(`/probe?module=postgresql&target=${plain.address}`);

    expect(up.value('probe_success')).toBe(1);
    expect(up.value('probe_ssl_earliest_cert_expiry')).toBe(expiry);
    expect(up.value('probe_failed_due_to_bytes')).toBe(0);
    expect(down.value('probe_failed_due_to_bytes')).toBe(1);
    expect(down.value('probe_failure_info', { reason: 'unexpected_response', phase: 'handshake' })).toBe(1);
    // A line feed behind the request would have been taken for data that is not in TLS.
    expect(secured.log()).not.toMatch(/unencrypted data|FATAL|ERROR/);
  },
);

needs('prometheus-blackbox-exporter')('the files that come with blackbox_exporter load as they are', async () => {
  for (const file of [
    '/etc/prometheus/blackbox.yml',
    '/usr/share/doc/prometheus-blackbox-exporter/examples/example.yml',
  ]) {
    if (!existsSync(file)) continue;
    const { code, stdout } = await run(exporterCommand('serve', `--config.file=${file}`, '--config.check'));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${file}: ok, 0 targets\n` });
  }
});

/** The compared families of one probe: labels and value of each sample. */
async function probed(address: string, path: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { status, body } = await http(`http://${address}${path}`);
  expect(status).toBe(200);
  const samples = new Samples(body);
  return Object.fromEntries(
    COMPARED.map((family) => [
      family,
      samples.of(family).map(({ labels, value }) => `${JSON.stringify(sorted(labels))} ${value}`),
    ]),
  );
}

/** In one order. Later versions of blackbox_exporter have the serial number too. */
function sorted({ serialnumber: _, ...labels }: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort());
}

function lines(count: number): string {
  return Array.from({ length: count }, (_, i) => `line ${i}\n`).join('');
}

function serveIrc(socket: Socket): void {
  let heard = '';
  socket.on('data', (chunk) => {
    const before = heard;
    heard += chunk;
    if (/USER .*\n/.test(heard) && !/USER .*\n/.test(before)) socket.write(':irc NOTICE * :hello\r\nPING :w0rd\r\n');
    if (/PONG w0rd\n/.test(heard)) socket.write(':irc.example.org 001 prober :Welcome\r\n');
  });
}

function serveSmtp(options: TlsOptions): Script {
  return (socket) => {
    socket.write('220 mail.example.org ESMTP ready\r\n');
    converse(socket, (line, say) => {
      if (line.startsWith('EHLO')) say('250-mail.example.org\r\n250-STARTTLS\r\n250 8BITMIME\r\n');
      if (!line.startsWith('STARTTLS')) return;
      say('220 go ahead\r\n');
      socket.removeAllListeners('data');
      const tls = new TLSSocket(socket, { isServer: true, ...options });
      tls.on('error', () => undefined);
      converse(tls, (inTls, sayInTls) => {
        if (inTls.startsWith('EHLO')) sayInTls('250-mail.example.org\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n');
        if (inTls.startsWith('QUIT')) tls.end('221 bye\r\n');
      });
    });
  };
}

function converse(socket: Duplex, answer: (line: string, say: (text: string) => void) => void): void {
  socket.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) answer(line, (text) => void socket.write(text));
  });
}

async function serveTls(stage: Stage, options: TlsOptions, banner: string): Promise<number> {
  const server = createServer(options, (socket) => socket.on('error', () => undefined).end(banner));
  server.on('tlsClientError', () => undefined);
  const port = await listenOn(server);
  stage.onEnd(() => new Promise((resolve) => server.close(resolve)));
  return port;
}
