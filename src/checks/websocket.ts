import { z } from 'zod';
import type { Secret } from '../net/secret.ts';
import type { Check } from './check.ts';
import type { DialogueStep } from './dialogue.ts';
import type { HttpAuth } from './http-options.ts';

export type WebsocketOptions = {
  readonly headers: readonly (readonly [name: string, value: Secret])[];
  readonly auth?: HttpAuth;
  readonly steps: readonly DialogueStep[];
};

/** A WebSocket, and a dialogue in its messages. */
export const websocket: Check<WebsocketOptions> = {
  name: 'websocket',
  ports: [80],
  summary: 'the change to WebSocket, then what `query_response` says',
  tls: { direct: true },
  options: z.custom<WebsocketOptions>((value) => typeof value === 'object' && value !== null && 'steps' in value),
  run: () => Promise.reject(new Error('not written yet')),
};
