import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Tier } from '@maas/contracts/tiers';
import type { Locator, Page } from 'playwright-core';
import { type FakeModel, startFakeModel } from '../../api/test/fake-model.js';
import { type Harness, PASSWORD, startHarness } from '../../api/test/harness.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { closed, signIn, visit } from './pages.js';

inChromium('what is opened again, or left', () => {
  let maas: Harness;
  let model: FakeModel;
  let chromium: Chromium;
  let tab: Tab;
  let page: Page;

  beforeAll(async () => {
    maas = await startHarness();
    model = await startFakeModel();
    await maas.addModel('mended', model.url);
    chromium = await startChromium();
    tab = await chromium.open(maas.url);
    page = tab.page;
    await signIn(page, 'admin');
  });
  afterAll(async () => {
    await chromium.close();
    await model.close();
    await maas.stop();
  });
  beforeEach(() => void (tab.troubles.length = 0));
  afterEach(() => {
    if (tab.troubles.length > 0) throw new Error(tab.troubles.join('\n'));
  });

  const button = (name: string, within: Page | Locator = page) => within.getByRole('button', { name, exact: true });
  const palette = () => page.getByRole('dialog', { name: 'Command palette' });
  const callPalette = () => page.keyboard.press('ControlOrMeta+k');
  const leavePalette = async () => {
    await page.keyboard.press('Escape');
    await palette().waitFor({ state: 'detached' });
  };
  const copied = async () => {
    await page.getByRole('status').getByText('Copied').first().waitFor();
    return page.evaluate<string>('navigator.clipboard.readText()');
  };

  it('a tier shows what it is now, and can be changed again', async () => {
    const row = page.getByRole('table', { name: 'Tiers', exact: true }).getByRole('row', { name: /Premium premium/ });
    const sheet = page.getByRole('dialog', { name: 'Premium', exact: true });
    const limit = sheet.getByRole('textbox', { name: 'Requests per minute', exact: true });
    const change = async (from: string, to: string) => {
      await row.getByRole('button', { name: /^Premium / }).click();
      await limit.waitFor();
      expect(await limit.inputValue()).toBe(from);
      await limit.fill(to);
      await button('Review changes', sheet).click();
      await button('Save changes', page.getByRole('alertdialog')).click();
      await closed(page);
      await row.getByText(to, { exact: true }).waitFor();
    };
    await visit(page, '/admin/tiers');
    await change('20', '37');
    await change('37', '41');
    expect((await maas.admin<Tier>('/tiers/premium')).body.requestsPerMinute).toBe(41);
  });

  it('a backend that is tested is asked each time', async () => {
    const backends = page.getByRole('table', { name: 'Backends', exact: true });
    const dialog = page.getByRole('dialog', { name: 'Test connection' });
    const tryIt = async () => {
      await backends.getByRole('button', { name: /^Actions for / }).click();
      await page.getByRole('menuitem', { name: 'Test connection' }).click();
    };
    await visit(page, '/admin/models?id=mended');
    model.behave((_request, response) => {
      response.writeHead(500).end();
    });
    await tryIt();
    await dialog.getByText('It does not work', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    model.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'mended', object: 'model' }] }));
    });
    await tryIt();
    await dialog.getByText('It answers', { exact: true }).waitFor();
    expect(await dialog.getByText('It does not work').count()).toBe(0);
  });

  it('the password of a new user stays when the browser goes back, until it is handed over', async () => {
    await visit(page, '/admin/users');
    await button('Create local user').click();
    const form = page.getByRole('dialog', { name: 'Create a local user' });
    const username = form.getByRole('textbox', { name: 'Username' });
    await username.fill('robot');
    await button('Generate', form).click();
    const password = await form.getByLabel('Password', { exact: true }).inputValue();
    expect(password.length).toBeGreaterThan(20);
    await button('Create user', form).click();
    const shown = page.getByRole('dialog', { name: 'robot can sign in now' });
    await shown.getByText(password, { exact: true }).waitFor();

    await page.goBack();
    await page.waitForURL((url) => url.pathname === '/admin/users' && !url.searchParams.has('create'));
    await page.keyboard.press('Escape');
    await button('Copy password', shown).click();
    expect(await copied()).toBe(password);
    expect(await shown.getByText(password, { exact: true }).isVisible()).toBe(true);
    await maas.login('robot', password);

    await button('I handed it over', shown).click();
    await closed(page);
    expect(await page.content()).not.toContain(password);
    await button('Create local user').click();
    await username.waitFor();
    expect(await username.inputValue()).toBe('');
    expect(await page.content()).not.toContain(password);
  });

  it('the command palette comes over a page, and over a dialog that can be left', async () => {
    await visit(page, '/tokens');
    await callPalette();
    await palette().waitFor();
    await leavePalette();
    await button('Create token').first().click();
    await page.getByRole('dialog', { name: 'Create a token' }).getByRole('textbox', { name: 'Name' }).waitFor();
    await callPalette();
    await palette().waitFor();
  });

  it('the command palette does not come over a secret that is shown once, which stays in sight', async () => {
    await visit(page, '/tokens');
    // Its code is there from now on: it would come at once.
    await callPalette();
    await palette().waitFor();
    await leavePalette();
    await button('Create token').first().click();
    const form = page.getByRole('dialog', { name: 'Create a token' });
    await form.getByRole('textbox', { name: 'Name' }).fill('in sight');
    await button('Create token', form).click();
    const dialog = page.getByRole('dialog', { name: 'Save your token now' });
    const secret = dialog.getByLabel('Token', { exact: true });
    const token = await secret.inputValue();

    await callPalette();
    await button('Copy token', dialog).click();
    expect(await copied()).toBe(token);
    expect(await palette().count()).toBe(0);
    expect(await secret.inputValue()).toBe(token);
    await button('I saved it', dialog).click();
    await closed(page);
    await callPalette();
    await palette().waitFor();
  });

  it('the command palette has forgotten what was written into it', async () => {
    await visit(page, '/');
    const field = palette().getByRole('combobox');
    const command = palette().getByRole('option', { name: 'Tokens', exact: true });
    await callPalette();
    await command.waitFor();
    await field.fill('audit');
    await command.waitFor({ state: 'detached' });
    await leavePalette();
    await callPalette();
    await command.waitFor();
    expect(await field.inputValue()).toBe('');
  });

  it('the set-up page goes by the link that was opened last', async () => {
    const own = await chromium.open(maas.url);
    const { page: setup } = own;
    const refusal = setup.getByRole('alert').filter({ hasText: 'This set-up link is used, too old or not valid' });
    const submit = async () => {
      await setup.getByLabel('Username').fill('root');
      await setup.getByLabel('Password', { exact: true }).fill(PASSWORD);
      const asked = setup.waitForRequest(
        (request) => request.method() === 'POST' && request.url().endsWith('/maas-api/v1/setup'),
      );
      await button('Create administrator', setup).click();
      return JSON.parse((await asked).postData() ?? '{}') as unknown;
    };
    // There is an administrator already, so that neither is good for anything: what counts is which one is shown.
    await setup.goto('/setup#the-first-link');
    expect(await submit()).toMatchObject({ secret: 'the-first-link' });
    await refusal.waitFor();
    // Only the fragment is another one: the page is not loaded again.
    expect(await setup.goto('/setup#the-second-link')).toBeNull();
    await refusal.waitFor({ state: 'detached' });
    expect(await submit()).toMatchObject({ secret: 'the-second-link' });
    await refusal.waitFor();
    expect(own.troubles).toEqual([]);
    await own.close();
  });
});
