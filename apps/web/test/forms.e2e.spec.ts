import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { User } from '@maas/contracts/auth';
import type { Model } from '@maas/contracts/models';
import type { Locator, Page } from 'playwright-core';
import { type Harness, startHarness } from '../../api/test/harness.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { signIn, visit } from './pages.js';

/** So many rows the API gives at once, unless told. */
const ROWS = 50;

inChromium('a field or a list', () => {
  let maas: Harness;
  let chromium: Chromium;
  let tab: Tab;
  let page: Page;

  beforeAll(async () => {
    maas = await startHarness();
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

  const button = (name: string, within: Page | Locator = page) => within.getByRole('button', { name, exact: true });
  const usersNamed = async (name: string) => (await maas.admin<{ data: User[] }>(`/users?search=${name}`)).body.data;
  /** The form of a new user, with all that it asks for. */
  const newUser = async (username: string) => {
    await visit(page, '/admin/users?create=true');
    const form = page.getByRole('dialog', { name: 'Create a local user' });
    await form.getByRole('textbox', { name: 'Username' }).fill(username);
    await button('Generate', form).click();
    const groups = form.getByRole('textbox', { name: 'Groups' });
    const submit = () => button('Create user', form).click();
    const done = () => page.getByRole('dialog', { name: `${username} can sign in now` }).waitFor();
    return { form, groups, submit, done };
  };

  it('of groups takes a list that was copied line by line as so many groups', async () => {
    const { form, groups, submit, done } = await newUser('listed');
    await page.evaluate(`navigator.clipboard.writeText('team-a\\nteam-b\\n')`);
    await groups.focus();
    await page.keyboard.press('ControlOrMeta+v');
    await button('Remove team-a', form).waitFor();
    await button('Remove team-b', form).waitFor();
    expect(await form.getByRole('button', { name: /^Remove / }).count()).toBe(2);
    expect(await groups.inputValue()).toBe('');
    await submit();
    await done();
    const [user] = await usersNamed('listed');
    expect(user?.groups).toEqual(['system:authenticated', 'team-a', 'team-b']);
  });

  it('of groups says that one of them is too long', async () => {
    const { form, groups, submit, done } = await newUser('wordy');
    await groups.fill('g'.repeat(254));
    await groups.press('Enter');
    await form.getByRole('button', { name: /^Remove g+$/ }).waitFor();
    await submit();
    await form.getByRole('alert').filter({ hasText: '253 characters' }).waitFor();
    expect(await groups.getAttribute('aria-invalid')).toBe('true');
    expect(await usersNamed('wordy')).toEqual([]);

    await groups.press('Backspace');
    await submit();
    await done();
    expect(await usersNamed('wordy')).toHaveLength(1);
  });

  it('of tiers says which of them was deleted meanwhile', async () => {
    const tier = { name: 'passing', displayName: 'Passing', level: 50 };
    expect((await maas.admin('/tiers', { method: 'POST', body: tier })).status).toBe(201);
    const before = await maas.admin<Model>('/models/simulator');
    await visit(page, '/admin/models?id=simulator');
    await button('Edit model').click();
    const sheet = page.getByRole('dialog', { name: 'Edit “Simulator Model”' });
    const tiers = sheet.getByRole('group', { name: 'Tiers that may use it' });
    const refusal = tiers.getByRole('alert').filter({ hasText: 'There is no tier named passing' });
    await tiers.getByRole('checkbox', { name: 'Passing' }).click();
    expect((await maas.admin('/tiers/passing', { method: 'DELETE' })).status).toBe(204);
    await button('Save model', sheet).click();
    await refusal.waitFor();
    expect((await maas.admin<Model>('/models/simulator')).body.version).toBe(before.body.version);

    await tiers.getByRole('checkbox', { name: 'Passing' }).click();
    await button('Save model', sheet).click();
    await sheet.waitFor({ state: 'detached' });
    const after = await maas.admin<Model>('/models/simulator');
    expect(after.body.tiers.toSorted()).toEqual(before.body.tiers.toSorted());
  });

  it('that could not go on says why beside the button, keeps what it has, and goes on after another try', async () => {
    const token = await maas.login('admin');
    for (let number = 0; number < ROWS + 1; number += 1) {
      const { status } = await maas.call('/maas-api/v1/tokens', { token, body: { name: `number ${number}` } });
      expect(status).toBe(201);
    }
    await visit(page, '/tokens');
    const main = page.getByRole('main');
    const rows = main.getByRole('table', { name: 'Tokens', exact: true }).getByRole('row');
    const more = button('Load more', main);
    const message = 'Something went wrong on our side.';
    const failure = main.getByRole('alert').filter({ hasText: message });
    expect(await rows.count()).toBe(1 + ROWS);

    const isNext = (url: URL) => url.pathname === '/maas-api/v1/tokens' && url.searchParams.has('after');
    await page.route(isNext, (route) =>
      route.fulfill({
        status: 500,
        json: { error: { message, type: 'server_error', param: null, code: 'internal_error' } },
      }),
    );
    await more.click();
    await failure.waitFor();
    expect(await failure.locator('..').getByRole('button', { name: 'Load more', exact: true }).count()).toBe(1);
    expect(await rows.count()).toBe(1 + ROWS);
    await page.unroute(isNext);
    await more.click();
    await more.waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(1 + ROWS + 1);
    expect(await failure.count()).toBe(0);
    tab.troubles.length = 0;
  });
});
