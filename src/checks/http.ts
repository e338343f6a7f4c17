import { z } from 'zod';
import type { Check } from './check.ts';
import type { HttpOptions } from './http-options.ts';

/** A request to a web server, and what its answer must be. */
export const httpProbe: Check<HttpOptions> = {
  name: 'http',
  ports: [80, 8080],
  summary: 'the request of the module, whose answer must be as it says',
  tls: { direct: true },
  options: z.custom<HttpOptions>((value) => typeof value === 'object' && value !== null && 'method' in value),
  run: () => Promise.reject(new Error('not written yet')),
};
