import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Harness, startHarness } from '../../api/test/harness.js';
import {
  type Chromium,
  inChromium,
  overflowOf,
  startChromium,
  type Tab,
  type Theme,
  violationsOf,
  type Width,
} from './browser.js';
import { adminPages, publicPages, signIn, userPages, visit } from './pages.js';

const screens = (['light', 'dark'] as Theme[]).flatMap((theme) =>
  ([375, 1280] as Width[]).map((width) => ({ theme, width })),
);

inChromium('each page', () => {
  let maas: Harness;
  let chromium: Chromium;

  beforeAll(async () => {
    maas = await startHarness();
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium.close();
    await maas.stop();
  });

  describe.each(screens)('in $theme, $width px wide', (screen) => {
    let nobody: Tab;
    let admin: Tab;

    beforeAll(async () => {
      nobody = await chromium.open(maas.url, screen);
      admin = await chromium.open(maas.url, screen);
      await signIn(admin.page, 'admin');
    });
    afterAll(async () => {
      await nobody.close();
      await admin.close();
    });

    const cases = [
      ...publicPages.map((path) => ({ path, who: () => nobody })),
      ...[...userPages, ...adminPages].map((path) => ({ path, who: () => admin })),
    ];

    it.each(cases)(
      '$path is accessible, fits its window, and nothing on it fails or is blocked',
      async ({ path, who }) => {
        const { page, troubles } = who();
        troubles.length = 0;
        const response = await visit(page, path);
        expect(response?.status()).toBe(path === '/nowhere' ? 404 : 200);
        expect(await violationsOf(page)).toEqual([]);
        expect(await overflowOf(page)).toBe(0);
        expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
        expect(await page.title()).toMatch(/ · /);
        expect(troubles).toEqual([]);
      },
    );
  });
});
