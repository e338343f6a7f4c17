import { after, type Transcript } from '../../helpers/transcript.ts';

const KEX = [
  'sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256',
  'kex-strict-s-v00@openssh.com',
].join();
const CIPHERS = [
  'chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr',
  'aes128-gcm@openssh.com,aes256-gcm@openssh.com',
].join();
const MACS = [
  'umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com',
  'hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1',
].join();
const COMPRESSION = 'none,zlib@openssh.com';
const LISTS = [KEX, 'ssh-ed25519', CIPHERS, CIPHERS, MACS, MACS, COMPRESSION, COMPRESSION, '', ''];

/** SSH_MSG_KEXINIT with the cookie of that talk. RFC 4253, sections 6 and 7.1. */
function offer(): Buffer {
  const names = LISTS.flatMap((list) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(list.length);
    return [length, Buffer.from(list)];
  });
  const payload = Buffer.concat([Buffer.from('141419d9833fe037e9cc7bb36b4e38b0bc', 'hex'), ...names, Buffer.alloc(5)]);
  const padding = 9;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + payload.length + padding);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

/** As OpenSSH 9.2p1 said it. */
const TALK = {
  turns: [Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n'), after('SSH-2.0-port_exporter\r\n', offer())],
  facts: { version: 'OpenSSH_9.2p1 Debian-2+deb12u10' },
};

export const transcripts: readonly Transcript[] = [
  { title: 'the offer of OpenSSH', service: 'ssh', ...TALK },
  { title: 'the offer of OpenSSH', service: 'sftp', ...TALK },
];
