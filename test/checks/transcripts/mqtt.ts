import { after, type Transcript } from '../../helpers/transcript.ts';

const CONNECT = Buffer.from('100c00044d5154540402000a0000', 'hex');

/** As Mosquitto 2.0.11 said it. */
export const transcripts: readonly Transcript[] = [
  {
    title: 'everybody may come in',
    service: 'mqtt',
    turns: [after(CONNECT, Buffer.from('20020000', 'hex'))],
    facts: {},
  },
  {
    title: 'nobody may without a password',
    service: 'mqtt',
    turns: [after(CONNECT, Buffer.from('20020005', 'hex'))],
    hangsUp: true,
    facts: { state: 'auth_required' },
  },
  {
    title: 'in TLS',
    service: 'mqtts',
    tls: { judge: 'nothing' },
    turns: [after(CONNECT, Buffer.from('20020000', 'hex'))],
    facts: {},
  },
];
