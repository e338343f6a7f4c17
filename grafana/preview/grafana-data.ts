import { createRequire } from 'node:module';
import type * as GrafanaData from '@grafana/data';

/**
 * Grafana's own code in Node.js. It wants a browser in two places: `navigator`, which Node.js has from version 21 on, and `window`, which
 * must not be there before it is loaded, or a part of it looks for a document. Its ESM build does not link in Node.js (moment-timezone).
 */
function load(): typeof GrafanaData {
  const browser = globalThis as { navigator?: unknown; window?: unknown };
  browser.navigator ??= { language: 'en-US', languages: ['en-US'], userAgent: 'node', platform: 'node' };
  const loaded = createRequire(import.meta.url)('@grafana/data') as typeof GrafanaData;
  browser.window ??= {};
  const { standardTransformers, standardTransformersRegistry } = loaded;
  const all = new Map(Object.values(standardTransformers).map((one) => [one.id, one] as const));
  standardTransformersRegistry.setInit(
    () => Array.from(all.values(), (one) => ({ id: one.id, name: one.name, transformation: async () => one })) as never,
  );
  return loaded;
}

export const grafana = load();
