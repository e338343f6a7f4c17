import { describe, expect, test } from 'vitest';
import { blackHole, closedPort, peer } from '../helpers/peers.ts';
import { run } from './run.ts';

describe('probe', () => {
  test('prints what it found out about an address and exits with 0 when it is up', async () => {
    await using up = await peer();
    const { code, stdout, stderr } = await run(['probe', up.address]);
    expect(stdout).toMatch(/\nUP +127\.0\.0\.1:\d+ +tcp +\d+\.\d+ ms\n\n1 up, 0 down, 0 not probed; \d\.\d+ s\n$/);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(up.connections()).toBe(1);
  });

  test('exits with 1 when one of several is down', async () => {
    await using up = await peer();
    const { code, stdout } = await run(['probe', up.address, `127.0.0.1:${await closedPort()}`]);
    expect(stdout).toContain('1 up, 1 down, 0 not probed');
    expect(code).toBe(1);
  });

  test('probes an address that is given twice once', async () => {
    await using up = await peer();
    const { stdout } = await run(['probe', up.address, up.address]);
    expect(stdout).toContain('1 up, 0 down, 0 not probed');
    expect(up.connections()).toBe(1);
  });

  test('gives up after the timeout', async () => {
    await using hole = await blackHole();
    const { code, stdout } = await run(['probe', '--timeout=150ms', `127.0.0.1:${hole.port}`, '--json']);
    expect(JSON.parse(stdout).targets).toMatchObject([
      { up: false, reason: 'timeout', phase: 'connect', timeout_seconds: 0.15 },
    ]);
    expect(code).toBe(1);
  });

  test.each([
    { args: (port: number) => [`redis://127.0.0.1:${port}`], service: 'redis' },
    { args: (port: number) => ['--service=redis', `127.0.0.1:${port}`], service: 'redis' },
    { args: (port: number) => [`127.0.0.1:${port}`], service: 'tcp' },
  ])('calls the service $service by scheme, flag or port, and speaks it', async ({ args, service }) => {
    await using up = await peer((socket) => socket.on('data', () => socket.end('+PONG\r\n')));
    const { stdout } = await run(['probe', '--json', ...args(up.port)]);
    expect(JSON.parse(stdout).targets).toMatchObject([{ service, up: true }]);
    expect(Object.keys(JSON.parse(stdout).targets[0].phase_seconds).includes('handshake')).toBe(service === 'redis');
  });

  test('with --tls a port that punishes silence is not taken at its word', async () => {
    await using plain = await peer((socket) => socket.write('220 mx ESMTP\r\n'));
    const { stdout, code } = await run(['probe', '--tls', '--json', '--timeout=1s', plain.address]);
    expect(JSON.parse(stdout).targets).toMatchObject([{ up: false, phase: 'tls' }]);
    expect(code).toBe(1);
  });

  test('probes an address as often as it is asked for in different ways', async () => {
    await using up = await peer((socket) => socket.on('data', () => socket.end('+PONG\r\n')));
    const { stdout } = await run(['probe', '--json', `redis://${up.address}`, up.address, up.address]);
    expect(JSON.parse(stdout).targets.map(({ service }: { service: string }) => service)).toEqual(['redis', 'tcp']);
  });

  test('prints the phases, the version and the state of a service', async () => {
    await using up = await peer((socket) => {
      socket.write('* OK [CAPABILITY IMAP4rev1] Example 1.2 ready.\r\n');
      socket.once('data', () => socket.end('* BYE\r\na9 OK\r\n'));
    });
    const { stdout } = await run(['probe', '--service=imap', up.address]);
    expect(stdout).toMatch(/\n {7}connect [\d.]+ ms, handshake [\d.]+ ms/);
  });

  test('tells the own words of a service that is not able', async () => {
    await using up = await peer((socket) => socket.on('data', () => socket.end('-LOADING \x1b[31mslowly\r\n')));
    const { stdout, code } = await run(['probe', `redis://${up.address}`]);
    expect(stdout).toContain('service_unavailable in handshake');
    expect(stdout).toMatch(/connect [\d.]+ ms; the service says "LOADING \[31mslowly"\n/);
    expect(code).toBe(1);
  });

  test('passes options to the service', async () => {
    const { stderr } = await run(['probe', '--option=transport=carrier-pigeon', 'dns://127.0.0.1']);
    expect(stderr).toContain('--option: transport must be tcp or udp');
    const unknown = await run(['probe', '--option=user=x', 'redis://127.0.0.1', 'redis://127.0.0.1:1']);
    expect(unknown.stderr).toBe('port-exporter probe: --option: "user" is not a known option (redis takes none)\n');
    const bare = await run(['probe', '--option=a=b', '127.0.0.1:1']);
    expect(bare.stderr).toContain('--option needs --service');
  });

  test('speaks TLS when asked, and says that the other side does not', async () => {
    await using plain = await peer((socket) => socket.end('220 welcome\r\n'));
    const { code, stdout } = await run(['probe', '--tls', '--server-name=shop.internal', plain.address, '--json']);
    expect(JSON.parse(stdout).targets).toMatchObject([{ up: false, phase: 'tls', reason: 'tls_handshake_failed' }]);
    expect(code).toBe(1);
  });

  test('prefers the address family that is asked for', async () => {
    await using up = await peer();
    const four = await run(['probe', '--json', `localhost:${up.port}`]);
    expect(JSON.parse(four.stdout).targets).toMatchObject([{ ip: '127.0.0.1', up: true }]);
    const six = await run(['probe', '--json', '--preferred-ip-protocol=ip6', `localhost:${up.port}`]);
    expect(JSON.parse(six.stdout).targets[0].ip).toMatch(/^(?:::1|127\.0\.0\.1)$/);
  });

  test('refuses every address that is none, at once, and probes nothing', async () => {
    await using up = await peer();
    const { code, stdout, stderr } = await run(['probe', up.address, 'nonsense', '::1:80', 'x://a', 'a\x1b:1']);
    const lines = stderr.split('\n').slice(0, -1);
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toMatch(/^port-exporter probe: "[ -~]+ is not an address: /);
    expect(stdout).toBe('');
    expect(code).toBe(2);
    expect(up.connections()).toBe(0);
  });

  test('may probe link-local literals: whoever has a shell can connect anyway', async () => {
    const { stdout } = await run(['probe', '--timeout=50ms', '--json', '169.254.0.0:1']);
    expect(JSON.parse(stdout).targets[0].reason).not.toBe('policy_denied');
  });

  test.each([
    { args: ['probe'], problem: '<address>... is missing' },
    { args: ['probe', '--server-name=a', 'a:1'], problem: '--server-name needs --tls or --starttls' },
    {
      args: ['probe', '--tls', '--ca-file=/nowhere/ca.crt', 'a:1'],
      problem: '--ca-file: cannot read the authority /nowhere/ca.crt: there is no such file',
    },
    { args: ['probe', '--timeout=0s', 'a:1'], problem: '--timeout must be more than 0, not "0s"' },
    {
      args: ['probe', '--service=postgres', 'a:1'],
      problem: '--service cannot be "postgres": did you mean postgresql?',
    },
    {
      args: ['probe', '--preferred-ip-protocol=6', 'a:1'],
      problem: '--preferred-ip-protocol must be one of ip4, ip6, not "6"',
    },
  ])('refuses $args in one line', async ({ args, problem }) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toBe(`port-exporter probe: ${problem} (try port-exporter probe --help)\n`);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});
