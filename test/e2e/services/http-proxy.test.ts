import { expect } from 'vitest';
import { type Visit, visit } from '../../helpers/checks.ts';
import type { Stage } from '../../helpers/e2e-stage.ts';
import { trusting } from '../../helpers/line-server.ts';
import { needs } from '../../helpers/programs.ts';
import { startSquid, startTinyproxy } from '../../helpers/servers/proxies.ts';
import { redirect, webServer } from '../../helpers/web-server.ts';

/** A site in the clear that sends to one in TLS. */
async function sites(stage: Stage) {
  const secure = stage.keep(await webServer({ '/': 'hello' }, 'self-signed'));
  const plain = stage.keep(await webServer({ '/': 'hello', '/old': redirect(secure.url) }));
  return { plain, secure };
}

async function told(url: string, proxy: string): Promise<string> {
  const how: Visit = { options: { proxy_url: proxy, contains: 'hello' }, ...(url.startsWith('https:') && { tls: {} }) };
  const { failure } = await visit(url, how, trusting());
  return failure === undefined ? 'up' : `${failure.reason} in ${failure.phase}: ${failure.detail}`;
}

needs('tinyproxy')('a tinyproxy leads to web servers, and asks who we are', async (stage) => {
  const { plain, secure } = await sites(stage);
  const { port } = await startTinyproxy(stage);
  const proxy = `http://me:hunter2@127.0.0.1:${port}`;
  for (const url of [plain.url, secure.url, `${plain.url}/old`])
    expect([url, await told(url, proxy)]).toEqual([url, 'up']);
  expect(plain.heard[0]?.headers).toHaveProperty('via');
  const nobody = `http://127.0.0.1:${port}`;
  expect(await told(plain.url, nobody)).toMatch(/^http_status in handshake: .* answered 407; expected 2xx$/);
  expect(await told(secure.url, nobody)).toMatch(
    /^unexpected_response in handshake: proxy .* answers CONNECT .* with 407$/,
  );
});

needs('squid')('a squid leads to web servers, where it may', async (stage) => {
  const { plain, secure } = await sites(stage);
  const other = stage.keep(await webServer({ '/': 'hello' }, 'self-signed'));
  const { port } = await startSquid(stage, [secure.port]);
  const proxy = `http://127.0.0.1:${port}`;
  for (const url of [plain.url, secure.url, `${plain.url}/old`])
    expect([url, await told(url, proxy)]).toEqual([url, 'up']);
  expect(plain.heard[0]?.headers).toHaveProperty('via');
  expect(await told(other.url, proxy)).toMatch(
    /^unexpected_response in handshake: proxy .* answers CONNECT .* with 403$/,
  );
});
