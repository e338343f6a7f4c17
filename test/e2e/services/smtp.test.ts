import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, vi } from 'vitest';
import { type Visit, Visitor, visit } from '../../helpers/checks.ts';
import { createAuthority, EXPIRED } from '../../helpers/e2e-certificates.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { held } from '../../helpers/fail2ban.ts';
import { trusting } from '../../helpers/line-server.ts';
import { needs } from '../../helpers/programs.ts';
import { type Postfix, startPostfix } from '../../helpers/servers/postfix.ts';

const STARTTLS: Visit = { service: 'smtp', tls: { how: 'starttls', serverName: 'localhost' } };
const SMTPS: Visit = { service: 'smtps', tls: { how: 'direct', serverName: 'localhost' } };

needs(
  'postfix',
  'root',
  'fail2ban-regex',
)('300 looks at a Postfix are logged as 300 clean visits', async (stage) => {
  const postfix = await startPostfix(stage, { smtp: {} });
  const visitor = new Visitor(postfix.addresses.smtp, { service: 'smtp' });
  expect(await visitor.probe()).toMatchObject({ service: { version: 'Postfix (Debian/GNU)' } });
  expect(await visitor.probes(299)).toEqual({ up: 299 });
  // Connect and disconnect: there is no less. And nothing that fail2ban counts.
  await logged(postfix, 'disconnect from', 300);
  expect(postfix.log()).toHaveLength(600);
  expect(count(postfix, 'quit=1 commands=1')).toBe(300);
  for (const mode of ['normal', 'more', 'ddos', 'aggressive'])
    expect([mode, await held(postfix.logFile, `postfix[mode=${mode}]`)]).toEqual([mode, 0]);
});

needs(
  'postfix',
  'root',
  'fail2ban-regex',
)('300 plain connects are a line more each, and look like a flood', async (stage) => {
  const postfix = await startPostfix(stage, { smtp: {} });
  expect(await new Visitor(postfix.addresses.smtp, {}).probes(300)).toEqual({ up: 300 });
  await logged(postfix, 'disconnect from', 300);
  expect(postfix.log()).toHaveLength(900);
  expect(await held(postfix.logFile, 'postfix[mode=more]')).toBe(0);
  expect(await held(postfix.logFile, 'postfix[mode=ddos]')).toBe(300);
});

needs('postfix', 'root')('a plain connect that leaves as a client of mail does is a clean visit', async (stage) => {
  const postfix = await startPostfix(stage, { smtp: {} });
  const visitor = new Visitor(postfix.addresses.smtp, { service: 'smtp', courtesy: true });
  expect(await visitor.probes(20)).toEqual({ up: 20 });
  await logged(postfix, 'disconnect from', 20);
  expect(count(postfix, 'quit=1 commands=1')).toBe(20);
  expect(postfix.log()).toHaveLength(40);
});

needs('postfix', 'root')('postscreen keeps a stranger waiting, and is waited for', async (stage) => {
  const postfix = await startPostfix(stage, { smtp: { through: 'postscreen' } });
  const visitor = new Visitor(postfix.addresses.smtp, { service: 'smtp' });
  const first = await visitor.probe();
  expect(first.failure).toBeUndefined();
  expect(first.phases.handshake).toBeGreaterThan(1500);
  expect((await visitor.probe()).phases.handshake).toBeLessThan(1500);
  await logged(postfix, 'disconnect from', 2);
  expect(count(postfix, /PREGREET|HANGUP/)).toBe(0);
});

needs('postfix', 'root')('a Postfix that refuses is unavailable, in its own words', async (stage) => {
  const reject = { smtpd_delay_reject: 'no', smtpd_client_restrictions: 'reject' };
  const { addresses } = await startPostfix(stage, {
    one: { settings: { smtpd_client_connection_count_limit: '1' } },
    none: { settings: reject },
    unhelpful: {},
  });
  const client = connect(Number(addresses.one.split(':')[1]), '127.0.0.1');
  stage.onEnd(() => client.destroy());
  await once(client, 'data');
  const full = await visit(addresses.one, { service: 'smtp' });
  expect(full.failure).toMatchObject({ reason: 'service_unavailable', phase: 'handshake' });
  expect(full.failure?.detail).toContain('421 4.7.0 mail.example.org Error: too many connections from 127.0.0.1');
  const closed = await visit(addresses.none, { service: 'smtp' });
  expect(closed.failure).toMatchObject({ reason: 'service_unavailable', phase: 'handshake' });
  expect(closed.failure?.detail).toContain('554 5.7.1 <localhost[127.0.0.1]>: Client host rejected: Access denied');
  const { failure } = await visit(addresses.unhelpful, STARTTLS);
  expect(failure).toMatchObject({ reason: 'tls_handshake_failed', detail: 'the service does not offer STARTTLS' });
});

needs(
  'postfix',
  'root',
  'openssl',
)('the certificate of a Postfix is judged, by STARTTLS and in TLS', async (stage) => {
  const authority = await createAuthority(stage, 'authority');
  const good = chain(stage, 'good.pem', await authority.issue('localhost'));
  const expired = chain(stage, 'expired.pem', await authority.issue('localhost', EXPIRED));
  const may = { smtpd_tls_security_level: 'may' };
  const wrapped = { smtpd_tls_wrappermode: 'yes' };
  const postfix = await startPostfix(stage, {
    good: { settings: { ...may, ...good } },
    goodInTls: { settings: { ...wrapped, ...good } },
    expired: { settings: { ...may, ...expired } },
    expiredInTls: { settings: { ...wrapped, ...expired } },
    choosy: { settings: { ...good, smtpd_tls_security_level: 'encrypt', smtpd_tls_req_ccert: 'yes' } },
  });
  const { addresses } = postfix;
  const world = trusting(authority.file);
  const reasons = async (address: string, how: Visit) => {
    const trusted = await new Visitor(address, how, world).probe();
    const untrusted = await visit(address, how);
    expect(untrusted.tls?.certificate?.subject).toBe('CN=localhost');
    return [trusted.failure?.reason, untrusted.failure?.reason];
  };
  expect(await reasons(addresses.good, STARTTLS)).toEqual([undefined, 'tls_certificate_untrusted']);
  expect(await reasons(addresses.goodInTls, SMTPS)).toEqual([undefined, 'tls_certificate_untrusted']);
  const over = 'tls_certificate_expired';
  expect(await reasons(addresses.expired, STARTTLS)).toEqual([over, over]);
  expect(await reasons(addresses.expiredInTls, SMTPS)).toEqual([over, over]);
  // A bad certificate too is left with QUIT.
  await logged(postfix, 'disconnect from', 8);
  expect(count(postfix, 'ehlo=1 starttls=1 quit=1 commands=3')).toBe(4);
  expect(count(postfix, /disconnect from \S+ quit=1 commands=1/)).toBe(4);
  expect(count(postfix, /SSL_accept|TLS library/)).toBe(0);
  const { failure } = await new Visitor(addresses.choosy, STARTTLS, world).probe();
  expect(failure).toMatchObject({ reason: 'service_unavailable', phase: 'handshake' });
  expect(failure?.detail).toContain('421 4.7.1 mail.example.org Error: No client certificate presented');
});

needs('postfix', 'root')('a Postfix that hangs times out in the handshake', async (stage) => {
  const { addresses, master } = await startPostfix(stage, { smtp: {} });
  master.signal('SIGSTOP');
  try {
    const { failure } = await visit(addresses.smtp, { service: 'smtp', timeoutMs: 500 });
    expect(failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
  } finally {
    master.signal('SIGCONT');
  }
});

function count(postfix: Pick<Postfix<string>, 'log'>, what: string | RegExp): number {
  return postfix.log().filter((line) => (typeof what === 'string' ? line.includes(what) : what.test(line))).length;
}

/** Waits until so many lines have such words; what came before them is there then, too. */
async function logged(postfix: Pick<Postfix<string>, 'log'>, words: string, times: number): Promise<void> {
  await vi.waitFor(() => expect(count(postfix, words)).toBe(times), { timeout: 10_000 });
}

function chain(stage: Stage, name: string, { cert, key }: { readonly cert: Buffer; readonly key: Buffer }) {
  return { smtpd_tls_chain_files: stage.write(name, `${key}${cert}`) };
}
