import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exporter } from '../helpers/exporter.ts';
import { closedPort } from '../helpers/peers.ts';
import { webServer } from '../helpers/web-server.ts';

/** Nowhere but in what is sent may this be found. */
const SECRET = 'hunter2';

test('who we are to a web server, a proxy and a token server is told to nobody else, whatever fails', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'port-exporter-secrets-'));
  const file = join(directory, 'secret');
  writeFileSync(file, SECRET);
  await using server = await webServer({ '/': 500, '/token': [401, {}, '{"error":"invalid_client"}'] });
  const closed = await closedPort();
  const yaml = `
groups:
  - name: web
    targets:
      - { name: basic, address: "${server.url}", options: { username: me, password_file: ${file} } }
      - { name: bearer, address: "${server.url}", options: { bearer_token_file: ${file} } }
      - { name: headers, address: "${server.url}", options: { headers: { X-API-Key: ${SECRET}, Cookie: "a=${SECRET}" } } }
      - { name: body, address: "${server.url}", options: { body: "password=${SECRET}" } }
      - { name: proxy, address: "${server.url}", options: { proxy_url: "http://me:${SECRET}@127.0.0.1:${closed}" } }
      - { name: layers, address: "${server.url}", checks: [http: { headers: { Authorization: ${SECRET} } }] }
      - { name: two lines, address: "${server.url}", options: { bearer_token_file: ${file}s } }
      - { name: token, address: "127.0.0.1:${server.port}", module: token }
modules:
  token:
    prober: http
    http:
      oauth2: { client_id: me, client_secret: ${SECRET}, token_url: "http://me:${SECRET}@127.0.0.1:${server.port}/token" }
`;
  writeFileSync(`${file}s`, `${SECRET}\n${SECRET}`);
  await using app = await exporter(yaml);
  const paths = ['/metrics', '/', '/config', '/sd', ...app.services.config().targets.map(({ name }) => tracing(name))];
  for (const path of paths) {
    const { status, body } = await app.get(path);
    expect([path, status]).toEqual([path, 200]);
    expect([path, body.includes(SECRET)]).toEqual([path, false]);
  }
  expect(app.logged.join('\n')).not.toContain(SECRET);
  expect(JSON.stringify(server.heard)).toContain(SECRET);
  const results = app.services.config().targets.map((target) => app.services.states.of(target).last?.failure);
  expect(results.map((failure) => failure?.reason)).toEqual([
    ...['http_status', 'http_status', 'http_status', 'http_status', 'connection_refused', 'http_status'],
    ...['exporter_error', 'exporter_error'],
  ]);
  expect(JSON.stringify(results)).not.toContain(SECRET);
  rmSync(directory, { recursive: true });
});

function tracing(name: string): string {
  return `/probe?target=${encodeURIComponent(name)}&debug=true`;
}
