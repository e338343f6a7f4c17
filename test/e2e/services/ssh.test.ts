import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { Visitor, visit } from '../../helpers/checks.ts';
import { needs } from '../../helpers/programs.ts';
import { hang } from '../../helpers/servers/hung.ts';
import { banned, startSshd } from '../../helpers/servers/sshd.ts';

const SSHD = ['sshd', 'root', 'network namespaces'] as const;
const WAIT = { timeout: 10_000, interval: 20 };

needs(...SSHD, 'fail2ban-regex')(
  'an sshd is up with its version, and each of 300 visits costs it one line that fail2ban does not mind',
  async (stage) => {
    const sshd = await startSshd(stage);
    const visitor = new Visitor(sshd.address, { service: 'ssh' });
    const { service } = await visitor.probe();
    expect(service).toEqual({ version: expect.stringMatching(/^OpenSSH_\d+\.\d+/) });
    expect(await visitor.probes(298)).toEqual({ up: 298 });
    expect((await visit(sshd.address, { service: 'sftp' })).service).toEqual(service);

    await vi.waitFor(() => expect(sshd.log().length).toBeGreaterThanOrEqual(300), WAIT);
    const lines = sshd.log();
    expect(lines).toHaveLength(300);
    expect(lines.filter((line) => !/^Connection closed by 127\.0\.0\.1 port \d+ \[preauth\]/.test(line))).toEqual([]);
    expect(await banned(stage, lines, { mode: 'normal', perVisit: 1 })).toBe(0);
    // Nothing that a visitor can do: this mode counts whoever does not log in.
    expect(await banned(stage, lines, { mode: 'aggressive', perVisit: 1 })).toBe(300);
  },
);

needs(...SSHD, 'fail2ban-regex')(
  'a connect alone costs an sshd two lines, and one that ends with the dialogue only one',
  async (stage) => {
    const sshd = await startSshd(stage);
    expect(await new Visitor(sshd.address, {}).probes(300)).toEqual({ up: 300 });
    await vi.waitFor(() => expect(sshd.log().length).toBeGreaterThanOrEqual(600), WAIT);
    const lines = sshd.log();
    expect(lines).toHaveLength(600);
    expect(await banned(stage, lines, { mode: 'normal', perVisit: 2 })).toBe(0);
    expect(await banned(stage, lines, { mode: 'aggressive', perVisit: 2 })).toBeGreaterThan(300);

    expect(await new Visitor(sshd.address, { service: 'ssh', courtesy: true }).probes(100)).toEqual({ up: 100 });
    await vi.waitFor(() => expect(sshd.log().length).toBeGreaterThanOrEqual(700), WAIT);
    expect(sshd.log()).toHaveLength(700);
  },
);

needs(...SSHD)('an sshd whose places are all taken is unavailable, in its own words', async (stage) => {
  const sshd = await startSshd(stage, ['MaxStartups 1:100:1']);
  const other = connect({ port: sshd.port, host: '127.0.0.1' });
  await once(other, 'data');
  const { failure } = await visit(sshd.address, { service: 'ssh' });
  other.destroy();
  expect(failure).toEqual({
    reason: 'service_unavailable',
    phase: 'handshake',
    detail: 'the service says "Exceeded MaxStartups"',
  });
});

needs(...SSHD)('an sshd that hangs is told by its silence', async (stage) => {
  const sshd = await startSshd(stage);
  await hang(stage, sshd.program);
  const { failure } = await visit(sshd.address, { service: 'ssh', timeoutMs: 500 });
  expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
});
