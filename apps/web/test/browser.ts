import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe } from '@jest/globals';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

export type Theme = 'light' | 'dark';
export type Width = 375 | 1280;

/** A tab of its own, whose troubles are written down: what the console says, what is thrown, what the CSP blocks. */
export interface Tab {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly troubles: string[];
  close(): Promise<void>;
}

export interface TabOptions {
  theme?: Theme;
  width?: Width;
}

const executablePath = process.env['MAAS_TEST_CHROMIUM'];

/** A suite that needs a browser; left out where there is none, which `npm test` says. */
export const inChromium: typeof describe | typeof describe.skip =
  executablePath === undefined ? describe.skip : describe;

/** A real Chromium. */
export interface Chromium {
  /** @param url the origin that paths are opened on */
  open(url: string, options?: TabOptions): Promise<Tab>;
  close(): Promise<void>;
}

const HEIGHTS: Record<Width, number> = { 375: 812, 1280: 900 };
/** What is no trouble: the sign-in page finds out by a 401 that nobody is signed in. */
const expected = /the server responded with a status of 4\d\d/;

export async function startChromium(): Promise<Chromium> {
  if (executablePath === undefined) throw new Error('The suites run by `npm test`, which finds their Chromium');
  const browser = await chromium.launch({
    executablePath,
    // Chromium has no sandbox for root; the others keep it from looking for its vendor's hosts.
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  return { open: (url, options) => openTab(browser, url, options), close: () => browser.close() };
}

async function openTab(browser: Browser, url: string, { theme = 'light', width = 1280 }: TabOptions = {}) {
  const context = await browser.newContext({
    baseURL: url,
    colorScheme: theme,
    viewport: { width, height: HEIGHTS[width] },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    locale: 'en-GB',
    timezoneId: 'Europe/Paris',
  });
  // Ends what hangs, as the time-out of a test does.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`thrown: ${error.message}`));
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const isTrouble = message.type() === 'error' || /Content Security Policy/i.test(message.text());
    if (isTrouble && !expected.test(message.text())) troubles.push(`${message.type()}: ${message.text()}`);
  });
  return { page, context, troubles, close: () => context.close() };
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2, levels A and AA. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** What axe finds on a page as it is now, a line for each place. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  // As text: what runs in the page knows the page's globals, which nothing here does.
  const results = await page.evaluate<AxeResults>(
    `axe.run(document, ${JSON.stringify({ runOnly: rules, resultTypes: ['violations'] })})`,
  );
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

/** By how many pixels a page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}
