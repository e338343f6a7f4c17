import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Stage } from './e2e-stage.ts';

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

/** A page in a browser of its own. Whatever its console complains of fails the test. */
export async function openPage(stage: Stage, options: BrowserContextOptions = {}): Promise<Page> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
  const complaints: string[] = [];
  stage.keep({
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      if (complaints.length > 0) throw new Error(`the browser complains: ${complaints.join('; ')}`);
    },
  });
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.on('console', (message) => {
    const isIcon = message.location().url.endsWith('/favicon.ico');
    if (['error', 'warning'].includes(message.type()) && !isIcon) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return page;
}

type Violation = { readonly id: string; readonly nodes: readonly { readonly html: string }[] };

/** What axe finds wrong with a page for people who cannot see, or use no mouse. */
export async function violations(page: Page): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  // Evaluated by the debugger: the page's own policy lets no script in.
  await page.evaluate(axe);
  const found = (await page.evaluate('axe.run().then((result) => result.violations)')) as readonly Violation[];
  return found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
