import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';

const PLACES = ['127.0.0.1:9093', '127.0.0.1:80', '127.0.0.1:443', 'unix:///run/a.sock', 'h.example'];
const PATHS = ['', '/', '/x?y=z'];
const URLS = ['http', 'https', 'ws', 'wss', 'grpc', 'grpcs'].flatMap((scheme) =>
  ['127.0.0.1', '127.0.0.1:443', '[::1]:80'].flatMap((host) => PATHS.map((path) => `${scheme}://${host}${path}`)),
);
const MODULES = {
  web: { prober: 'http' },
  socket: { prober: 'websocket' },
  plain: { prober: 'tcp' },
  secure: { prober: 'tcp', tcp: { tls: true } },
  health: { prober: 'grpc' },
  'secure health': { prober: 'grpc', grpc: { tls: true } },
};

/** The target of a configuration as a probe sees it; undefined where it cannot be loaded. */
function loaded(text: string) {
  const read = loadConfig('c.yml', text, { listeners: () => [] });
  if (!read.ok) return undefined;
  const [target] = read.config.targets;
  if (target === undefined) throw new Error('there is no target');
  const { name, address, service, module, spec } = target;
  const { endpoint, resource, tls } = spec;
  return { text: read.config.effective, seen: { name, address, service, module, endpoint, resource, tls } };
}

test.each(Object.keys(MODULES))(
  'what is shown of a target with the module %s is loaded again, and means the same',
  (module) => {
    let count = 0;
    for (const address of [...PLACES, ...URLS])
      for (const service of [{}, { service: 'http' }, { service: 'https' }, { service: 'shop' }]) {
        const groups = [{ name: 'g', targets: [{ name: 'n', address, module, ...service }] }];
        const first = loaded(JSON.stringify({ groups, modules: MODULES }));
        if (first === undefined) continue;
        count++;
        expect(loaded(first.text)?.seen, first.text).toEqual(first.seen);
      }
    expect(count).toBeGreaterThan(5);
  },
);
