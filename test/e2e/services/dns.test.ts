import { expect } from 'vitest';
import { Visitor, visit } from '../../helpers/checks.ts';
import { freePort } from '../../helpers/e2e-ports.ts';
import { needs } from '../../helpers/programs.ts';
import { startBind, startDnsmasq, startUnbound } from '../../helpers/servers/dns-servers.ts';
import { hang } from '../../helpers/servers/hung.ts';

const TRANSPORTS = ['tcp', 'udp'] as const;

/** What BIND counts of queries that did not go well. */
function faults(counters: Readonly<Record<string, number>>): readonly string[] {
  return Object.keys(counters).filter((name) => /REFUSED|FORMERR|SERVFAIL|Rej|Drop|RateSlip|QryFailure/i.test(name));
}

needs('named', 'setpriv')(
  'a BIND is up with its version, and 300 visits leave nothing in its log or counters',
  async (stage) => {
    const bind = await startBind(stage);
    for (const transport of TRANSPORTS) {
      const { failure, service } = await visit(bind.address, { service: 'dns', options: { transport } });
      expect({ transport, failure }).toEqual({ transport, failure: undefined });
      expect(service).toEqual({ version: expect.stringMatching(/^9\.\d+\.\d+/) });
    }
    expect(await new Visitor(bind.address, { service: 'dns' }).probes(300)).toEqual({ up: 300 });
    expect(await new Visitor(bind.address, {}).probes(300)).toEqual({ up: 300 });
    for (const transport of TRANSPORTS) {
      const options = { transport, zone: 'example.org' };
      expect(await new Visitor(bind.address, { service: 'dns', options }).probes(300)).toEqual({ up: 300 });
    }
    expect(bind.log()).toEqual([]);
    expect(faults(await bind.counters())).toEqual([]);
  },
);

needs('named', 'setpriv')('of a BIND a zone is asked for that it must be an authority for', async (stage) => {
  const bind = await startBind(stage);
  const verdicts: Record<string, string> = {};
  for (const zone of [
    'example.org',
    'example.org.',
    'secondary.example',
    'example.net',
    'ns.example.org',
    'no.example.org',
  ]) {
    const { failure } = await visit(bind.address, { service: 'dns', options: { zone } });
    verdicts[zone] = failure === undefined ? 'up' : `${failure.reason}: ${failure.detail}`;
  }
  const wrong = (zone: string, what: string) =>
    `unexpected_response: expected an authoritative answer for ${zone}, got "${what}"`;
  expect(verdicts).toEqual({
    'example.org': 'up',
    'example.org.': 'up',
    'secondary.example': 'service_unavailable: the service says "SERVFAIL for secondary.example"',
    'example.net': wrong('example.net', 'REFUSED'),
    'ns.example.org': wrong('ns.example.org', 'NOERROR without an SOA record'),
    'no.example.org': wrong('no.example.org', 'NXDOMAIN'),
  });
});

needs('named', 'setpriv')('a BIND that refuses everybody logs only that it was asked once', async (stage) => {
  for (const transport of TRANSPORTS) {
    const bind = await startBind(stage, ['allow-query { none; };']);
    const visitor = new Visitor(bind.address, { service: 'dns', options: { transport } });
    expect(await visitor.probes(300)).toEqual({ up: 300 });
    expect(bind.log()).toEqual([expect.stringMatching(/query 'version\.bind\/TXT\/CH' denied$/)]);
  }
});

needs('named', 'setpriv')(
  'a BIND that answers only so often is up all the same: what is lost is asked again',
  async (stage) => {
    const bind = await startBind(stage);
    const visitor = new Visitor(bind.address, { service: 'dns', options: { transport: 'udp' } });
    expect(await visitor.probes(12)).toEqual({ up: 12 });
    expect((await bind.counters())['RateDropped']).toBeGreaterThan(0);
  },
);

needs('unbound', 'setpriv')(
  'an Unbound is up with its version, also one that hides it, and logs nothing',
  async (stage) => {
    const unbound = await startUnbound(stage);
    const hiding = await startUnbound(stage, ['hide-version: yes']);
    for (const transport of TRANSPORTS) {
      const how = { service: 'dns', options: { transport } };
      expect((await visit(unbound.address, how)).service).toEqual({ version: expect.stringMatching(/^unbound 1\./) });
      expect(await new Visitor(unbound.address, how).probes(300)).toEqual({ up: 300 });
      expect((await visit(hiding.address, how)).service).toBeUndefined();
      expect(await new Visitor(hiding.address, how).probes(300)).toEqual({ up: 300 });
    }
    expect(await new Visitor(unbound.address, {}).probes(300)).toEqual({ up: 300 });
    expect([...unbound.log(), ...hiding.log()]).toEqual([]);
  },
);

needs('dnsmasq', 'setpriv')('a dnsmasq is up with its version and logs nothing', async (stage) => {
  const dnsmasq = await startDnsmasq(stage);
  for (const transport of TRANSPORTS) {
    const how = { service: 'dns', options: { transport } };
    expect((await visit(dnsmasq.address, how)).service).toEqual({ version: expect.stringMatching(/^dnsmasq-2\./) });
    expect(await new Visitor(dnsmasq.address, how).probes(300)).toEqual({ up: 300 });
  }
  expect(await new Visitor(dnsmasq.address, {}).probes(300)).toEqual({ up: 300 });
  expect(dnsmasq.log()).toEqual([]);
});

needs('named', 'setpriv')(
  'a name server that hangs is told by its silence, one that is not there by the refusal',
  async (stage) => {
    const bind = await startBind(stage);
    const closed = `127.0.0.1:${await freePort()}`;
    await hang(stage, bind.program);
    for (const transport of TRANSPORTS) {
      const how = { service: 'dns', options: { transport }, timeoutMs: 500 };
      expect((await visit(bind.address, how)).failure).toMatchObject({ reason: 'timeout', phase: 'handshake' });
      expect((await visit(closed, how)).failure).toMatchObject({ reason: 'connection_refused', phase: 'connect' });
    }
  },
);
