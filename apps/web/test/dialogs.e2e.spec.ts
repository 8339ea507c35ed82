import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { User } from '@maas/contracts/auth';
import type { Page } from 'playwright-core';
import { type Harness, PASSWORD, startHarness } from '../../api/test/harness.js';
import { type Chromium, inChromium, startChromium, type Tab, violationsOf } from './browser.js';
import { settled, signIn, visit } from './pages.js';

inChromium('what opens above a page', () => {
  let maas: Harness;
  let chromium: Chromium;
  let tab: Tab;
  let page: Page;

  beforeAll(async () => {
    maas = await startHarness();
    await maas.accessToken('admin');
    chromium = await startChromium();
    tab = await chromium.open(maas.url);
    page = tab.page;
    await signIn(page, 'admin');
  });
  afterAll(async () => {
    await chromium.close();
    await maas.stop();
  });
  beforeEach(() => void (tab.troubles.length = 0));
  afterEach(() => {
    if (tab.troubles.length > 0) throw new Error(tab.troubles.join('\n'));
  });

  const userDrawer = async () => {
    const { body } = await maas.admin<{ data: User[] }>('/users?search=free');
    return `/admin/users?id=${body.data[0]?.id ?? ''}`;
  };
  const places: { name: string; path: () => string | Promise<string>; open?: () => Promise<void> }[] = [
    { name: 'the creation of a token', path: () => '/tokens?create=true' },
    { name: 'the revocation of all tokens', path: () => '/tokens', open: () => page.getByRole('button', { name: 'Revoke all' }).click() },
    { name: 'the drawer of a model', path: () => '/models?id=simulator' },
    { name: 'the form of a tier', path: () => '/admin/tiers?tier=premium' },
    { name: 'the form of a new model', path: () => '/admin/models?create=true' },
    { name: 'the form of a backend', path: () => '/admin/models?id=simulator&addBackend=true' },
    { name: 'the drawer of a person', path: userDrawer },
    { name: 'the command palette', path: () => '/', open: () => page.keyboard.press('ControlOrMeta+k') },
    { name: 'the list of shortcuts', path: () => '/', open: () => page.keyboard.press('?') },
  ]; // prettier-ignore

  it.each(places)('$name is accessible, and Escape closes it', async ({ path, open }) => {
    await visit(page, await path());
    await open?.();
    const dialog = page.getByRole('dialog').or(page.getByRole('alertdialog'));
    await dialog.waitFor();
    await settled(page);
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('a session that was ended elsewhere leads to the sign-in, and back to the same place with its filters', async () => {
    const own = await chromium.open(maas.url);
    const place = '/tokens?search=night&status=active';
    await signIn(own.page, 'free');
    const other = await own.context.newPage();
    await visit(other, '/settings');
    await visit(own.page, place);
    await other.getByRole('button', { name: /^Account free/ }).click();
    await other.getByRole('menuitem', { name: 'Sign out' }).click();
    await other.waitForURL(/\/sign-in/);

    await own.page.getByRole('textbox', { name: 'Search by name' }).fill('nightly');
    await own.page.waitForURL(/\/sign-in\?returnTo=/);
    await own.page.getByLabel('Username').fill('free');
    await own.page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await own.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await own.page.waitForURL((url) => url.pathname === '/tokens');
    await settled(own.page);
    expect(await own.page.getByRole('textbox', { name: 'Search by name' }).inputValue()).toBe('nightly');
    expect(new URL(own.page.url()).searchParams.get('status')).toBe('active');
    expect(own.troubles).toEqual([]);
    await own.close();
  });
});
