// Pictures of the dashboards with what a Prometheus has recorded:
//   node shots.mjs http://127.0.0.1:9090 127.0.0.1:6379 [minutes] [seconds between scrapes] [until, such as 2026-01-15T12:00:00Z]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const [url = 'http://127.0.0.1:9090', target = '', minutes = '15', seconds = '15', until] = process.argv.slice(2);
const [page, images, data] = ['page/', '../../docs/images/', 'page/public/data/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const WIDTH = 1600;
/** Small enough for a repository, large enough to be read. */
const SCALE = 0.75;

mkdirSync(data, { recursive: true });
mkdirSync(images, { recursive: true });
const server = await createServer({
  root: page,
  configFile: false,
  logLevel: 'error',
  define: { 'process.env': {}, global: 'globalThis' },
  server: { host: '127.0.0.1', port: 0, hmr: false, fs: { strict: false } },
});
const { record } = await server.ssrLoadModule(fileURLToPath(new URL('record.ts', import.meta.url)));
await server.listen();
const { port } = server.httpServer.address();

const end = Math.floor((until === undefined ? Date.now() : Date.parse(until)) / 1000);
for (const name of ['overview', 'target', 'exporter']) {
  const choices = name === 'target' && target !== '' ? { choices: { target } } : {};
  const found = await record(url, Number(seconds), name, { end, range: Number(minutes) * 60, ...choices });
  writeFileSync(join(data, `${name}.json`), JSON.stringify(found));
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [...FLAGS, '--disable-component-update', '--disable-sync'],
});
for (const theme of ['dark', 'light']) {
  for (const name of ['overview', 'target', 'exporter']) {
    const tab = await browser.newPage({ viewport: { width: WIDTH, height: 2600 }, deviceScaleFactor: SCALE });
    tab.on('pageerror', (error) => process.stderr.write(`${name}: ${error.message}\n`));
    await tab.goto(`http://127.0.0.1:${port}/?dashboard=${name}&theme=${theme}`);
    await tab.waitForSelector('#root > *', { timeout: 120_000 });
    await tab.waitForTimeout(4000);
    const path = join(theme === 'dark' ? images : data, `grafana-${name}${theme === 'dark' ? '' : '-light'}.png`);
    await tab.locator('#root > div').last().screenshot({ path });
    await tab.close();
  }
}
await browser.close();
await server.close();
