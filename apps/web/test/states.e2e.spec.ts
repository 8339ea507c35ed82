import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page, Route } from 'playwright-core';
import { type Harness, startHarness } from '../../api/test/harness.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { settled, signIn, visit } from './pages.js';

interface List {
  readonly name: string;
  readonly path: string;
  /** The call of the API that the list is read by. */
  readonly api: string;
  /** A text of it, once it is there. */
  readonly full: string | RegExp;
}

interface EmptiableList extends List {
  /** What is said when there is nothing at all. */
  readonly nothing: string;
  /** A filter that nothing fits; absent: the list has none. */
  readonly filter?: string;
}

const filtered = '?search=no-such-thing';
const lists: EmptiableList[] = [
  { name: 'tokens', path: '/tokens', api: '/tokens', full: 'my token', nothing: 'No tokens yet', filter: filtered },
  { name: 'models', path: '/models', api: '/models', full: 'Simulator Model', nothing: 'No model is open to you yet', filter: filtered },
  { name: 'requests', path: '/usage', api: '/usage/requests', full: 'OK', nothing: 'No requests in this range', filter: '?status=5xx' },
  { name: 'users', path: '/admin/users', api: '/admin/users', full: 'premium', nothing: 'No users yet', filter: filtered },
  { name: 'models and backends', path: '/admin/models', api: '/admin/models', full: 'Qwen3 Model', nothing: 'No models yet', filter: filtered },
  { name: 'tokens of all', path: '/admin/tokens', api: '/admin/tokens', full: 'my token', nothing: 'No tokens yet', filter: filtered },
  { name: 'changes', path: '/admin/audit', api: '/admin/audit', full: 'Premium', nothing: 'No entries yet', filter: filtered },
  { name: 'tiers', path: '/admin/tiers', api: '/admin/tiers', full: 'Premium', nothing: 'No tiers yet' },
]; // prettier-ignore
/** The browser at hand is always in it, so it is never empty. */
const sessions: List = { name: 'sessions', path: '/settings', api: '/sessions', full: 'This browser' };

const NONE = { object: 'list', data: [], has_more: false, next_cursor: null };

inChromium('the list', () => {
  let maas: Harness;
  let chromium: Chromium;
  let tab: Tab;
  let page: Page;

  beforeAll(async () => {
    maas = await startHarness();
    const identity = await maas.login('admin');
    const created = await maas.call<{ token: string }>('/maas-api/v1/tokens', { token: identity, body: { name: 'my token' } }); // prettier-ignore
    const body = { model: 'simulator', messages: [{ role: 'user', content: 'hi' }], max_tokens: 5 };
    await maas.call('/v1/chat/completions', { token: created.body.token, body });
    await maas.admin('/tiers/premium', { method: 'PATCH', body: { description: 'Changed.' } });
    await maas.flushUsage();
    chromium = await startChromium();
    tab = await chromium.open(maas.url);
    page = tab.page;
    await signIn(page, 'admin');
  });
  afterAll(async () => {
    await chromium.close();
    await maas.stop();
  });

  /** Answers the reads of a list, until the returned function is called. */
  async function answering(api: string, answer: (route: Route) => Promise<void>): Promise<() => Promise<void>> {
    const isRead = (url: URL) => url.pathname === `/maas-api/v1${api}`;
    await page.route(isRead, (route) => (route.request().method() === 'GET' ? answer(route) : route.fallback()));
    return () => page.unroute(isRead);
  }
  /** Holds the reads of a list back, until they are let go. */
  async function holding(api: string): Promise<{ letGo: () => void; stop: () => Promise<void> }> {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const stop = await answering(api, async (route) => {
      await held;
      await route.continue();
    });
    return { letGo, stop };
  }
  const main = () => page.getByRole('main');

  it.each([...lists, sessions])(
    'of $name says that it is coming while it is under way',
    async ({ path, api, full }) => {
      const { letGo, stop } = await holding(api);
      await page.goto(path);
      const busy = main().locator('[aria-busy="true"]:visible');
      await busy.first().waitFor();
      expect(await main().getByText(full, { exact: true }).count()).toBe(0);
      expect(
        await main()
          .getByText(/yet$|Nothing matches/)
          .count(),
      ).toBe(0);
      letGo();
      await main().getByText(full, { exact: true }).filter({ visible: true }).first().waitFor();
      await settled(page);
      expect(await busy.count()).toBe(0);
      await stop();
      expect(tab.troubles).toEqual([]);
    },
  );

  it.each([...lists, sessions])(
    'of $name that could not be read says why and what to name, and is there after another try',
    async ({ path, api, full }) => {
      const message = 'Something went wrong on our side.';
      const stop = await answering(api, (route) =>
        route.fulfill({
          status: 500,
          headers: { 'x-request-id': '0190-the-request' },
          json: { error: { message, type: 'server_error', param: null, code: 'internal_error' } },
        }),
      );
      await page.goto(path);
      const alert = main().getByRole('alert').filter({ hasText: 'This could not be loaded' });
      await alert.getByText(message).waitFor();
      await alert.getByText('0190-the-request').waitFor();
      await alert.getByRole('button', { name: 'Copy request id' }).waitFor();
      await stop();
      await alert.getByRole('button', { name: 'Try again' }).click();
      await main().getByText(full, { exact: true }).filter({ visible: true }).first().waitFor();
      expect(await alert.count()).toBe(0);
      tab.troubles.length = 0;
    },
  );

  it.each(lists)('of $name tells nothing yet from nothing that matches', async ({ path, api, nothing, filter }) => {
    const stop = await answering(api, (route) => route.fulfill({ json: NONE }));
    // The log is of the last days unless told, and that is a filter too.
    await visit(page, path === '/admin/audit' ? '/admin/audit?range=all' : path);
    await main().getByText(nothing, { exact: true }).waitFor();
    expect(await main().getByText('Nothing matches').count()).toBe(0);
    await stop();
    if (filter === undefined) return;
    await visit(page, `${path}${filter}`);
    await main().getByText('Nothing matches', { exact: true }).waitFor();
    expect(await main().getByText(nothing, { exact: true }).count()).toBe(0);
    await main().getByRole('button', { name: /^(Clear filters|Show all entries)$/ }).click(); // prettier-ignore
    await main().getByText('Nothing matches', { exact: true }).waitFor({ state: 'detached' });
    // The address follows what is shown.
    await page.waitForURL((url) => !/no-such-thing|5xx/.test(url.search));
  });

  it.each(lists.filter(({ filter }) => filter !== undefined))(
    'of $name does not say that there is nothing while the answer without a filter is under way',
    async ({ path, api, full, nothing, filter = '' }) => {
      await visit(page, `${path}${filter}`);
      const none = main().getByText('Nothing matches', { exact: true });
      await none.waitFor();
      const { letGo, stop } = await holding(api);
      await main().getByRole('button', { name: /^(Clear filters|Show all entries)$/ }).click(); // prettier-ignore
      await none.waitFor({ state: 'detached' });
      expect(await main().getByText(nothing, { exact: true }).count()).toBe(0);
      letGo();
      await main().getByText(full, { exact: true }).filter({ visible: true }).first().waitFor();
      await stop();
      expect(tab.troubles).toEqual([]);
    },
  );
});
