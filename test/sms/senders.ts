import type { HttpConfig, ProviderConfig } from '../../src/sms/config.ts';
import { createProvider } from '../../src/sms/providers/provider.ts';
import type { SmsText } from '../../src/sms/text.ts';
import { ANNA, secretOf } from './setup.ts';
import type { StandIn } from './stand-in.ts';

export const TEXT: SmsText = { text: 'OK {to} Ä&=', alphabet: 'gsm7' };

export function sender(config: ProviderConfig, timeoutMs = 5000) {
  const provider = createProvider(config, { timeoutMs, version: '1.2.3' });
  return (text = TEXT) => provider.send(ANNA, text);
}

export function twilio({ url }: Pick<StandIn, 'url'>): ProviderConfig & { name: 'twilio' } {
  const rest = { accountSid: 'AC123', authToken: secretOf('token'), from: 'PORTS', messagingServiceSid: undefined };
  return { name: 'twilio', url: new URL(url), ...rest };
}

export function vonage({ url }: Pick<StandIn, 'url'>): ProviderConfig {
  return { name: 'vonage', url: new URL(`${url}/`), apiKey: 'key', apiSecret: secretOf('shh'), from: 'PORTS' };
}

export function http({ url }: Pick<StandIn, 'url'>, overrides: Partial<HttpConfig> = {}): HttpConfig {
  return {
    name: 'http',
    url: new URL(`${url}/send?account=7`),
    method: 'POST',
    headers: {},
    secretHeaders: {},
    format: 'json',
    from: 'PORTS',
    fields: { to: '{to}', text: '{text}' },
    secretFields: {},
    successStatuses: undefined,
    retryStatuses: [],
    ...overrides,
  };
}
