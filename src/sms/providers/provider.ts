import { NoAnswer } from '../client.ts';
import type { ProviderConfig } from '../config.ts';
import { type Secret, SecretProblem } from '../secret.ts';
import { type Ask, discreet, type Provider, type SendFailure } from '../sending.ts';
import { http } from './http.ts';
import { twilio } from './twilio.ts';
import { vonage } from './vonage.ts';

/** The provider that the configuration names. */
export function createProvider(
  config: ProviderConfig,
  { timeoutMs, version }: { timeoutMs: number; version: string },
): Provider {
  const ask = askOf(config);
  const headers = { 'user-agent': `port-exporter/${version}`, accept: 'application/json' };
  return {
    name: config.name,
    send: async (to, text) => {
      const used: string[] = [];
      const secrets = (secret: Secret) => {
        const value = secret.read();
        used.push(value);
        return value;
      };
      const sent = await ask(to, text, { headers, timeoutMs, secrets, hide: (made) => used.push(made) }).catch(failure);
      return sent && { ...sent, detail: discreet(sent.detail, used) };
    },
  };
}

function askOf(config: ProviderConfig): Ask {
  if (config.name === 'twilio') return twilio(config);
  return config.name === 'vonage' ? vonage(config) : http(config);
}

function failure(error: unknown): SendFailure {
  if (error instanceof NoAnswer)
    return error.maybeTaken
      ? { reason: 'unknown', detail: `${error.message}: it may have taken the SMS` }
      : { reason: error.reason, detail: error.message };
  if (error instanceof SecretProblem) return { reason: 'secret_unreadable', detail: error.message };
  // The headers of the configuration were checked when it was read: only those from files can have changed.
  if ((error as NodeJS.ErrnoException).code === 'ERR_INVALID_CHAR')
    return { reason: 'secret_unreadable', detail: 'a secret has characters that no HTTP header can carry' };
  // Whatever stands there instead of the provider, it must not keep the other recipients from their SMS.
  return { reason: 'unexpected_response', detail: `the answer cannot be understood: ${String(error)}` };
}
