import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { exporter } from '../helpers/exporter.ts';

const CONFIG = 'groups: [{ name: all, targets: ["127.0.0.1:1"] }]';

/** What a browser is answered that sends these headers by itself. */
async function browse(url: string, method: string, site: string, mode: string) {
  const asked = request(url, { method, agent: false, headers: { 'sec-fetch-site': site, 'sec-fetch-mode': mode } });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

test.each([
  ['POST', '/-/reload', 'cors'],
  ['POST', '/-/reload', 'navigate'],
  ['GET', '/probe?target=127.0.0.1:1', 'no-cors'],
  ['GET', '/metrics', 'no-cors'],
  ['GET', '/', 'cors'],
])('a page of another site may not have a browser ask: %s %s (%s)', async (method, path, mode) => {
  const reload = vi.fn();
  await using app = await exporter(CONFIG, { reload });
  expect(await browse(app.url + path, method, 'cross-site', mode)).toEqual({
    status: 403,
    body: 'a page of another site asks for this: open it in the browser yourself\n',
  });
  expect(reload).not.toHaveBeenCalled();
  expect(app.services.fleet.stats.results).toEqual({ success: 0, failure: 0, exporter_error: 0 });
});

test.each([
  ['POST', '/-/reload', 'same-origin', 'cors'],
  ['GET', '/probe?target=127.0.0.1:1&debug=true', 'same-origin', 'cors'],
  ['GET', '/probe?target=127.0.0.1:1&debug=true', 'cross-site', 'navigate'],
  ['GET', '/', 'none', 'navigate'],
])('its own page, a link and an address that is typed may: %s %s (%s, %s)', async (method, path, site, mode) => {
  await using app = await exporter(CONFIG);
  expect(await browse(app.url + path, method, site, mode)).toMatchObject({ status: 200 });
});
