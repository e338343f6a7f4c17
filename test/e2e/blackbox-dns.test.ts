import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'vitest';
import { dnsQueryMessage, encodeDnsName } from '../../src/checks/dns-query-message.ts';
import { readDnsReply } from '../../src/checks/dns-records.ts';
import { TYPES } from '../../src/checks/dns-records-names.ts';
import { startBlackbox } from '../helpers/e2e-blackbox.ts';
import { createAuthority } from '../helpers/e2e-certificates.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { http } from '../helpers/e2e-http.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import { Samples } from '../helpers/e2e-samples.ts';
import { needs } from '../helpers/programs.ts';
import { startZone } from '../helpers/servers/dns-servers.ts';

/** A record of each type, by what it is called below example.org. The zone has an SOA of its own. */
const ZONE = `$TTL 60
@ SOA ns hostmaster 2024010107 60 60 60 60
@ NS ns
@ NS ns2.example.net.
@ MX 10 mail
@ MX 20 mail.example.net.
ns A 127.0.0.1
a A 192.0.2.1
a A 192.0.2.2
aaaa AAAA 2001:db8::1
cname CNAME a
srv SRV 1 2 5060 a
txt TXT "v=spf1 -all" "second \\"quoted\\" \\\\ back; semi"
txt TXT "caf\\195\\169" ""
ptr PTR a
caa CAA 0 issue "ca.example.net; x=\\"1\\""
hinfo HINFO "PC x" Linux
naptr NAPTR 100 10 "S" "SIP+D2U" "!^.*$!sip:info@example.org!" _sip._udp
ds DS 12345 8 2 3490A6806D47F17A34C29E2CE80E8A999FFBE4BEAAAABBBBCCCCDDDDEEEEFFFF
tlsa TLSA 3 1 1 abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789
sshfp SSHFP 1 1 abcdef0123456789abcdef0123456789abcdef01
dname DNAME example.net.
https HTTPS 1 . alpn=h2,h3 ipv4hint=192.0.2.1,192.0.2.2 port=8443
svcb SVCB 0 other
rp RP admin txt
uri URI 10 1 "ftp://x/y"
afsdb AFSDB 1 a
kx KX 10 a
eui48 EUI48 00-11-22-33-44-55
dhcid DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=
nsec3param NSEC3PARAM 1 0 5 AABBCCDD
dnskey DNSKEY 256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=
unknown TYPE65280 \\# 4 0a000001
od\\.d A 192.0.2.10
s\\ \\"p\\;\\@ A 192.0.2.11
${['x', 'y', 'z'].map((letter) => `big TXT "${letter.repeat(240)}"`).join('\n')}
`;

const OWN = ['NS', 'MX', 'SOA'];
const TYPED =
  'a aaaa cname srv txt ptr caa hinfo naptr ds tlsa sshfp dname https svcb rp uri afsdb kx eui48 dhcid nsec3param dnskey'.split(
    ' ',
  );

type Query = { readonly query_name: string; readonly query_type?: string } & Readonly<Record<string, unknown>>;

const QUERIES: Readonly<Record<string, Query>> = {
  ...Object.fromEntries(OWN.map((type) => [type, { query_name: 'example.org', query_type: type }])),
  ...Object.fromEntries(
    TYPED.map((name) => [name.toUpperCase(), { query_name: `${name}.example.org`, query_type: name.toUpperCase() }]),
  ),
  unknown: { query_name: 'unknown.example.org' },
  'a dot in a label': { query_name: 'od\\.d.example.org.' },
  'a label of signs': { query_name: 's "p;@.example.org' },
  'no such name': { query_name: 'none.example.org', query_type: 'SOA' },
};

const address = { query_name: 'a.example.org', query_type: 'A' };
const rules = (section: string, rule: string, ...patterns: readonly string[]) => ({
  ...address,
  recursion_desired: false,
  [`validate_${section}_rrs`]: { [`fail_if_${rule}_regexp`]: patterns },
});

const JUDGED: Readonly<Record<string, Query>> = {
  'no such name, as wanted': { query_name: 'none.example.org', valid_rcodes: ['NXDOMAIN'] },
  refused: { query_name: 'example.net', query_type: 'A' },
  'refused, as wanted': { query_name: 'example.net', query_type: 'A', valid_rcodes: ['NOERROR', 'REFUSED'] },
  'more than a datagram holds': { query_name: 'big.example.org', query_type: 'TXT' },
  chaos: { query_name: 'version.bind', query_type: 'TXT', query_class: 'CH' },
  'capital letters': { ...address, query_name: 'A.EXAMPLE.org' },
};

const PATTERNS = [
  '192\\.0\\.2\\.\\d$',
  '192\\.0\\.2\\.1$',
  '\\tIN\\t(A|NS)\\t',
  'nothing',
  '^a\\.example\\.org\\.\\t60',
];
for (const section of ['answer', 'authority', 'additional'])
  for (const rule of ['matches', 'all_match', 'not_matches', 'none_matches']) {
    const lists = [...PATTERNS.map((pattern) => [pattern]), PATTERNS.slice(0, 2), PATTERNS.slice(2, 4)];
    for (const patterns of lists)
      Object.assign(JUDGED, { [`${section} ${rule} ${patterns.join(' ')}`]: rules(section, rule, ...patterns) });
  }
// There are none of these.
for (const rule of ['matches', 'all_match', 'not_matches', 'none_matches'])
  Object.assign(JUDGED, {
    [`no record ${rule}`]: {
      ...rules('answer', rule, '.'),
      query_name: 'none.example.org',
      valid_rcodes: ['NXDOMAIN'],
    },
  });

const TRANSPORTS = ['udp', 'tcp'];

needs(
  'prometheus-blackbox-exporter',
  'named',
  'openssl',
)(
  'queries written for blackbox_exporter have the same outcome, the same families, and see the same records',
  async (stage) => {
    const authority = await createAuthority(stage, 'queries');
    const zone = await startZone(stage, ZONE, await authority.issue('localhost'));
    const tls = { dns_over_tls: true, tls_config: { ca_file: authority.file, server_name: 'localhost' } };
    const ways = {
      ...Object.fromEntries(TRANSPORTS.map((way) => [way, { transport_protocol: way }])),
      tls: { transport_protocol: 'tcp', ...tls },
      'tls that nobody trusts': { transport_protocol: 'tcp', dns_over_tls: true },
    };
    const cases = Object.entries(ways).flatMap(([way, how]) =>
      Object.entries(how.transport_protocol === way ? { ...QUERIES, ...JUDGED } : { A: address }).map(
        ([name, query]) => [`${way} ${name}`, { ...how, preferred_ip_protocol: 'ip4', ...query }] as const,
      ),
    );
    const modules = Object.fromEntries(cases.map(([name, dns]) => [name, { prober: 'dns', timeout: '2s', dns }]));
    const [theirs, ours] = await Promise.all([
      startBlackbox(stage, { modules }),
      startExporter(stage, { config: { modules } }).then((exporter) => exporter.address),
    ]);

    const closed = await freePort();
    const outcomes = new Set<string>();
    for (const [name] of cases) {
      const port = name.startsWith('tls') ? zone.tlsPort : zone.port;
      const path = `/probe?module=${encodeURIComponent(name)}&target=127.0.0.1:${port}`;
      const [expected, found] = await Promise.all([probed(theirs, path), probed(ours, path)]);
      expect({ name, found }).toEqual({ name, found: expected });
      outcomes.add(expected[0] ?? '');
    }
    expect(outcomes.size).toBe(2);
    for (const name of ['udp SOA', 'tcp SOA']) {
      const path = `/probe?module=${encodeURIComponent(name)}&target=127.0.0.1:${closed}`;
      expect(await probed(ours, path)).toEqual(await probed(theirs, path));
    }

    for (const [name, { query_name, query_type = 'ANY' }] of Object.entries(QUERIES)) {
      const path = `/probe?debug=true&module=${encodeURIComponent(`udp ${name}`)}&target=127.0.0.1:${zone.port}`;
      const [{ body }, records] = await Promise.all([
        http(`http://${theirs}${path}`),
        recordsOf(zone.port, query_name, query_type),
      ]);
      const seen = Array.from(body.matchAll(/msg="Validating RR".* rr=("(?:[^"\\]|\\.)*")/g), ([, text = '']) =>
        JSON.parse(text),
      );
      const isJudged = !body.includes('Rcode is not one');
      expect({ name, records: isJudged ? records.toSorted() : [] }).toEqual({ name, records: seen.toSorted() });
    }
  },
);

/** Whether it is up, and every sample of the query but how long it took. */
async function probed(exporter: string, path: string): Promise<readonly string[]> {
  const { status, body } = await http(`http://${exporter}${path}`);
  expect(status).toBe(200);
  const samples = new Samples(body);
  const names = body.matchAll(/^# TYPE (probe_success|probe_dns_\w+) /gm);
  const families = Array.from(names, ([, name = '']) => name).filter(
    (name) => name !== 'probe_dns_lookup_time_seconds',
  );
  const lines = families.flatMap((family) =>
    samples
      .of(family)
      .map(({ labels, value }) => `${family} ${JSON.stringify(labels)} ${family.includes('duration') ? '' : value}`),
  );
  const [up = ''] = lines.filter((line) => line.startsWith('probe_success'));
  return [up, ...lines.filter((line) => line !== up).toSorted()];
}

/** The records of a reply in all its sections, as this exporter writes them. */
async function recordsOf(port: number, name: string, type: string): Promise<readonly string[]> {
  const encoded = encodeDnsName(name);
  if (!encoded.ok) throw new Error(encoded.problem);
  const question = { name: encoded.value, type: TYPES[type] ?? 0, class: 1, recursionDesired: true };
  const socket = createSocket('udp4');
  socket.send(dnsQueryMessage(Buffer.of(1, 2), question), port, '127.0.0.1');
  const [reply] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  const { answer, authority, additional } = readDnsReply(reply);
  return [...answer, ...authority, ...additional].map(({ text }) => text);
}
