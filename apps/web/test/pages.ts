import type { Page, Response } from 'playwright-core';
import { PASSWORD } from '../../api/test/harness.js';

/** The pages of the dashboard, by who may see them. */
export const publicPages = ['/sign-in', '/setup', '/nowhere'];
export const userPages = ['/', '/tokens', '/models', '/playground', '/usage', '/settings'];
export const adminPages = [
  '/admin',
  '/admin/tiers',
  '/admin/models',
  '/admin/users',
  '/admin/tokens',
  '/admin/usage',
  '/admin/audit',
  '/admin/health',
];

/** Signs in by the form, as a person does, and waits for the page that follows. */
export async function signIn(page: Page, username: string, path = '/'): Promise<void> {
  await page.goto(path === '/' ? '/sign-in' : `/sign-in?returnTo=${encodeURIComponent(path)}`);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL((url) => url.pathname === path);
  await settled(page);
}

/** Opens a page and waits until it shows what it has to show. */
export async function visit(page: Page, path: string): Promise<Response | null> {
  const response = await page.goto(path);
  await settled(page);
  return response;
}

/** No request is under way, nothing is said to be busy any more, and nothing stands where something is still to come. */
export async function settled(page: Page): Promise<void> {
  // Below a drawer, the heading of the page is hidden from a screen reader.
  await page.getByRole('heading', { level: 1, includeHidden: true }).first().waitFor();
  await page.waitForLoadState('networkidle');
  // By a locator: a function that is waited for is evaluated by the page itself, whose policy forbids that.
  await page.locator('[aria-busy="true"], .animate-pulse').first().waitFor({ state: 'detached' });
}

/** Nothing is asked any more. While a question stands before a sheet, the sheet is none to a screen reader. */
export async function closed(page: Page): Promise<void> {
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}
