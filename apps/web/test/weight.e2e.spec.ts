import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Harness, startHarness } from '../../api/test/harness.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { adminPages, signIn, userPages } from './pages.js';

/** Compressed bytes of JavaScript that a page may need before it is there. */
const MOST_BYTES = 200_000;

inChromium('the first load of a page', () => {
  let maas: Harness;
  let chromium: Chromium;
  let tab: Tab;

  beforeAll(async () => {
    maas = await startHarness();
    chromium = await startChromium();
    tab = await chromium.open(maas.url);
    await signIn(tab.page, 'admin');
  });
  afterAll(async () => {
    await chromium.close();
    await maas.stop();
  });

  it.each([...userPages, ...adminPages, '/sign-in'])('of %s takes no more JavaScript than it may', async (path) => {
    const { page } = tab;
    // What the page itself names: whatever comes later does not hold it up.
    const html = await (await page.request.get(path)).text();
    // Old browsers alone load what says `noModule`.
    const tags = [...html.matchAll(/<script[^>]+src="([^"]+)"[^>]*>/g)].filter(([tag]) => !/nomodule/i.test(tag));
    const scripts = [...new Set(tags.map(([, source]) => source ?? ''))];
    expect(scripts.length).toBeGreaterThan(3);
    let bytes = 0;
    for (const source of scripts) {
      const { headers } = await fetch(new URL(source, maas.url), { headers: { 'accept-encoding': 'br' } });
      bytes += Number(headers.get('content-length'));
    }
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });
});
