import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { openPage, violations } from '../helpers/e2e-browser.ts';
import { startExporter } from '../helpers/e2e-exporter.ts';
import { freePort } from '../helpers/e2e-ports.ts';
import type { Stage } from '../helpers/e2e-stage.ts';
import { peer } from '../helpers/peers.ts';
import { needs } from '../helpers/programs.ts';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** An exporter that has probed once: a target that is up, one that is down, and one that needs it. */
async function probed(stage: Stage) {
  const listener = stage.keep(await peer());
  const down = `127.0.0.1:${await freePort()}`;
  const config = {
    groups: [
      { name: 'databases', targets: [{ name: 'orders', address: down }] },
      {
        name: 'web',
        targets: [
          { name: 'shop', address: down, depends_on: ['orders'], checks: ['port', 'http'] },
          { name: 'cache', address: listener.address },
        ],
      },
    ],
  };
  const exporter = await startExporter(stage, { config });
  await exporter.scrape();
  return exporter;
}

const names = (page: Page) =>
  page.locator('tbody th[scope=row]').evaluateAll((cells) => cells.map((cell) => cell.firstChild?.textContent ?? ''));

needs('chromium')('the page filters as one types, and its address can be passed on', async (stage) => {
  const { url } = await probed(stage);
  const page = await openPage(stage);
  await page.goto(url);
  expect(await names(page)).toEqual(['orders', 'shop', 'cache']);
  await page.fill('#q', 'ca');
  await expect.poll(() => names(page)).toEqual(['cache']);
  expect(new URL(page.url()).searchParams.get('q')).toBe('ca');
  await page.reload();
  expect(await names(page)).toEqual(['cache']);
});

needs('chromium')('the page stays live: what was opened stays open, and what has come up is up', async (stage) => {
  const exporter = await probed(stage);
  const page = await openPage(stage);
  await page.clock.install();
  await page.goto(exporter.url);
  await page.locator('summary', { hasText: 'of cache' }).click();
  await exporter.scrape();
  const before = await page.locator('.strip').last().getAttribute('aria-label');
  expect(before).toContain('last 1:');
  await page.clock.runFor(11_000);
  await expect.poll(() => page.locator('.strip').last().getAttribute('aria-label')).toContain('last 2:');
  expect(await page.locator('details[open] summary').first().textContent()).toContain('of cache');
  expect(await page.locator('summary:focus').textContent()).toContain('of cache');
  expect(await page.locator('.live').textContent()).toBe('Live');
  expect(await page.locator('.when').textContent()).toMatch(/\d:\d\d/);
});

needs('chromium')('a target is probed now, and what happened is told', async (stage) => {
  const { url } = await probed(stage);
  const page = await openPage(stage);
  await page.goto(`${url}/?q=orders`);
  await page.locator('summary', { hasText: 'of orders' }).click();
  await page.locator('a.probe').first().click();
  await expect.poll(() => page.locator('dialog pre').textContent()).toContain('connection_refused in phase connect');
  await page.locator('dialog button').click({ trial: true });
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  expect(await page.locator('dialog').isVisible()).toBe(false);
  await expect.poll(() => page.locator('a.probe:focus').count()).toBe(1);
});

needs('chromium')('without scripts the page filters, sorts and probes by links and its form', async (stage) => {
  const { url } = await probed(stage);
  const page = await openPage(stage, { javaScriptEnabled: false });
  await page.goto(url);
  await page.locator('thead a', { hasText: 'Target' }).click();
  expect(await page.locator('tbody tr').first().textContent()).toContain('cache');
  await page.fill('#q', 'orders');
  await page.locator('form.filter button').click();
  expect(await page.locator('tbody tr').count()).toBe(1);
  await page.locator('summary', { hasText: 'of orders' }).click();
  await page.locator('a.probe').click();
  expect(await page.locator('body').textContent()).toContain('connection_refused in phase connect');
});

needs('chromium')('what the page can be sorted by is in sight on a phone, too', async (stage) => {
  const { url } = await probed(stage);
  const page = await openPage(stage, PHONE);
  await page.goto(url);
  await page.locator('thead a', { hasText: 'Target' }).click();
  expect(await names(page)).toEqual(['cache', 'orders', 'shop']);
});

for (const [title, options] of [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', PHONE],
] as const)
  needs('chromium')(
    `axe finds nothing wrong with the page, ${title}, and nothing is wider than the screen`,
    async (stage) => {
      const { url } = await probed(stage);
      const page = await openPage(stage, options);
      await page.goto(url);
      await page.locator('summary', { hasText: 'of shop' }).click();
      expect(await violations(page)).toEqual([]);
      const [content, screen] = (await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      )) as [number, number];
      expect(content).toBeLessThanOrEqual(screen);
    },
  );
