import { after, type Transcript } from '../../helpers/transcript.ts';

const ASK_TLS = '301d02010177188016312e332e362e312e342e312e313436362e3230303337';
const ASK_ROOT = [
  '3056020102635104000a01000a0100020100020100010100870b6f626a656374436c617373',
  '30310414737570706f727465644c44415056657273696f6e040a76656e646f724e616d65040d76656e646f7256657273696f6e',
].join('');
const ENTRY = '302602010264210400301d301b0414737570706f727465644c44415056657273696f6e3103040133';
const DONE = '300c02010265070a010004000400';

function afterHex(asked: string, ...said: readonly string[]) {
  return after(Buffer.from(asked, 'hex'), Buffer.from(said.join(''), 'hex'));
}

/** An entry of the root DSE of id 2, with lengths as Active Directory writes them, in four bytes. */
function paddedEntry(attributes: Readonly<Record<string, string>>): string {
  const element = (tag: number, ...parts: readonly Buffer[]) => {
    const content = Buffer.concat(parts);
    const head = Buffer.from([tag, 0x84, 0, 0, 0, 0]);
    head.writeUInt32BE(content.length, 2);
    return Buffer.concat([head, content]);
  };
  const text = (value: string) => element(0x04, Buffer.from(value));
  const list = Object.entries(attributes).map(([name, value]) => element(0x30, text(name), element(0x31, text(value))));
  const entry = element(0x64, text(''), element(0x30, ...list));
  return element(0x30, Buffer.from('020102', 'hex'), entry).toString('hex');
}

/** As slapd 2.5.13 said it, but for the one that says so. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'a root DSE for everybody',
    service: 'ldap',
    turns: [afterHex(ASK_ROOT, ENTRY, DONE)],
    facts: { version: 'LDAPv3' },
  },
  {
    title: 'a bind is required',
    service: 'ldap',
    turns: [afterHex(ASK_ROOT, '3023020102651e0a01350400041761757468656e7469636174696f6e207265717569726564')],
    facts: { state: 'auth_required' },
  },
  {
    // Not recorded: as RFC 3045 has it, with the long lengths that BER allows.
    title: 'a vendor who says who it is',
    service: 'ldap',
    turns: [
      afterHex(
        ASK_ROOT,
        paddedEntry({ vendorName: '389 Project', vendorVersion: '389-Directory/2.3.1', supportedLDAPVersion: '3' }),
        '3084000000100201026584000000070a010004000400',
      ),
    ],
    facts: { version: '389 Project 389-Directory/2.3.1' },
  },
  {
    title: 'StartTLS',
    service: 'ldap',
    tls: { how: 'starttls', judge: 'nothing' },
    turns: [afterHex(ASK_TLS, '300c02010178070a010004000400'), afterHex(ASK_ROOT, ENTRY, DONE)],
    facts: { version: 'LDAPv3' },
  },
  {
    title: 'a root DSE for everybody',
    service: 'ldaps',
    tls: { judge: 'nothing' },
    turns: [afterHex(ASK_ROOT, ENTRY, DONE)],
    facts: { version: 'LDAPv3' },
  },
];
