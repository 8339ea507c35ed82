import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Tier } from '@maas/contracts/tiers';
import type { Locator, Page } from 'playwright-core';
import { answerBriefly, type FakeModel, startFakeModel } from '../../api/test/fake-model.js';
import { chat, type Harness, startHarness } from '../../api/test/harness.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { adminPages, closed, settled, signIn, visit } from './pages.js';

inChromium('an administrator', () => {
  let maas: Harness;
  let model: FakeModel;
  let chromium: Chromium;
  let tab: Tab;
  let page: Page;
  let person: Tab;

  beforeAll(async () => {
    maas = await startHarness();
    model = await startFakeModel();
    model.behave((request, response, message) => {
      if (!request.url.endsWith('/models')) return answerBriefly(request, response, message);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'lab-model', object: 'model' }] }));
    });
    chromium = await startChromium();
    tab = await chromium.open(maas.url);
    page = tab.page;
    await signIn(page, 'admin');
    person = await chromium.open(maas.url);
    await signIn(person.page, 'free');
  });
  afterAll(async () => {
    await chromium.close();
    await model.close();
    await maas.stop();
  });
  beforeEach(() => void (tab.troubles.length = 0));
  afterEach(() => {
    const troubles = [...tab.troubles, ...person.troubles];
    if (troubles.length > 0) throw new Error(troubles.join('\n'));
  });

  const use = async (token: string, id = 'simulator') => {
    const answer = await maas.call('/v1/chat/completions', { token, body: chat('hi', { model: id, max_tokens: 5 }) });
    return answer.status;
  };
  const button = (name: string, within: Page | Locator = page) => within.getByRole('button', { name, exact: true });
  const toast = (text: string) => page.getByText(text).first().waitFor();
  const openTier = async (name: string) => {
    await visit(page, '/admin/tiers');
    await page.getByRole('table', { name: 'Tiers' }).getByRole('button', { name: new RegExp(`^${name} `) }).click(); // prettier-ignore
    await page.getByRole('dialog').waitFor();
  };
  const openUser = async (name: string) => {
    await visit(page, `/admin/users?search=${name}`);
    await page.getByRole('table', { name: 'Users' }).getByRole('button', { name: new RegExp(`^${name}`) }).click(); // prettier-ignore
    await page.getByRole('dialog').waitFor();
  };
  const requestsPerMinute = () => page.getByRole('textbox', { name: 'Requests per minute', exact: true });

  it('changes a limit, is told whom it touches, and the next request feels it', async () => {
    const token = await maas.accessToken('enterprise');
    expect(await use(token)).toBe(200);
    await openTier('Enterprise');
    await requestsPerMinute().fill('1');
    await button('Review changes').click();
    const confirm = page.getByRole('alertdialog');
    await confirm.getByText('Nobody gets another tier.').waitFor();
    await confirm.getByText('The limits of 2 users change:').waitFor();
    // Nothing is changed before it is confirmed.
    expect(await use(token)).toBe(200);
    await button('Save changes', confirm).click();
    await toast('“Enterprise” is saved');
    await closed(page);
    expect(await use(token)).toBe(429);

    await openTier('Enterprise');
    expect(await requestsPerMinute().inputValue()).toBe('1');
    await page.getByRole('switch', { name: 'Requests per minute: unlimited' }).click();
    await button('Review changes').click();
    await button('Save changes', confirm).click();
    await closed(page);
    expect(await use(token)).toBe(200);
    const row = page.getByRole('table', { name: 'Tiers' }).getByRole('row', { name: /Enterprise enterprise/ });
    await row.getByText('Unlimited').first().waitFor();
  });

  it('who was not the only one to change a tier is told so, and both changes are kept', async () => {
    await openTier('Premium');
    await requestsPerMinute().fill('77');
    const meanwhile = await maas.admin('/tiers/premium', { method: 'PATCH', body: { description: 'Said meanwhile.' } });
    expect(meanwhile.status).toBe(200);
    await button('Review changes').click();
    await button('Save changes', page.getByRole('alertdialog')).click();
    const sheet = page.getByRole('dialog', { name: 'Premium' });
    await sheet.getByRole('alert').getByText(/changed/).waitFor(); // prettier-ignore
    expect(await requestsPerMinute().inputValue()).toBe('77');
    expect((await maas.admin<Tier>('/tiers/premium')).body.requestsPerMinute).toBe(20);
    await button('Reload and keep my changes', sheet).click();
    await sheet.getByRole('alert').waitFor({ state: 'detached' });
    expect(await requestsPerMinute().inputValue()).toBe('77');
    expect(await sheet.getByLabel('Description').inputValue()).toBe('Said meanwhile.');
    await button('Review changes').click();
    await button('Save changes', page.getByRole('alertdialog')).click();
    await closed(page);
    const { body } = await maas.admin<Tier>('/tiers/premium');
    expect(body).toMatchObject({ requestsPerMinute: 77, description: 'Said meanwhile.' });
  });

  it('registers a model with a backend that was tried; people call it at once, and no more once it is disabled', async () => {
    const token = await maas.accessToken('premium');
    await visit(page, '/admin/models');
    await button('Register model').click();
    const sheet = page.getByRole('dialog', { name: 'Register a model' });
    await sheet.getByRole('textbox', { name: 'Id' }).fill('lab-model');
    await sheet.getByRole('textbox', { name: 'Name', exact: true }).fill('Lab model');
    await sheet.getByRole('checkbox', { name: 'Premium' }).click();
    await button('Register model', sheet).click();
    const form = page.getByRole('dialog', { name: 'Add a backend' });
    await form.getByRole('textbox', { name: 'Address' }).fill(model.url.replace(/:\d+/, ':1'));
    await button('Test connection', form).click();
    await form.getByText('It does not work').waitFor();
    await form.getByRole('textbox', { name: 'Address' }).fill(model.url);
    await button('Test connection', form).click();
    await form.getByText('It answers', { exact: true }).waitFor();
    await form.getByText('It lists one model').waitFor();
    expect(await use(token, 'lab-model')).toBe(503);
    await button('Add backend', form).click();
    await form.waitFor({ state: 'detached' });
    expect(await use(token, 'lab-model')).toBe(200);
    // Open to Premium alone.
    expect(await use(await maas.accessToken('free'), 'lab-model')).not.toBe(200);

    await button('Edit model').click();
    const edit = page.getByRole('dialog', { name: 'Edit “Lab model”' });
    await edit.getByRole('checkbox', { name: 'Enabled: people can call it' }).click();
    await button('Save model', edit).click();
    await edit.waitFor({ state: 'detached' });
    expect(await use(token, 'lab-model')).toBe(404);
    await visit(page, '/admin/models?state=disabled');
    await page.getByRole('row', { name: /Lab model lab-model Disabled/ }).waitFor();
  });

  it('gives a person another tier, and takes it back', async () => {
    const token = await maas.accessToken('free');
    expect(await use(token, 'qwen3')).not.toBe(200);
    await openUser('free');
    const sheet = page.getByRole('dialog', { name: 'free' });
    await sheet.getByRole('combobox', { name: 'Tier' }).selectOption('premium');
    await button('Save tier', sheet).click();
    await sheet.getByText('Set to premium by an administrator, until it is ended.').waitFor();
    expect(await use(token, 'qwen3')).toBe(200);
    await visit(person.page, '/');
    await person.page.getByText('set for you by an administrator').waitFor();

    await sheet.getByRole('combobox', { name: 'Tier' }).selectOption('');
    await button('End the override', sheet).click();
    await sheet.getByText('By their groups. A tier that you set here counts instead of that.').waitFor();
    expect(await use(token, 'qwen3')).not.toBe(200);
  });

  it('suspends a person, whose tokens stop, and lets them in again', async () => {
    const token = await maas.accessToken('premium');
    expect(await use(token)).toBe(200);
    await openUser('premium');
    const sheet = page.getByRole('dialog', { name: 'premium' });
    await button('Suspend', sheet).click();
    await button('Suspend', page.getByRole('alertdialog', { name: 'Suspend premium?' })).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await use(token)).toBe(403);
    await button('Let in again', sheet).click();
    await button('Let in again', page.getByRole('alertdialog', { name: 'Let premium in again?' })).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    expect(await use(token)).toBe(200);
  });

  it('finds each of these changes in the audit log, with what it was before and after', async () => {
    const expected: [search: string, action: string, count: number][] = [
      ['enterprise', 'tier.update', 2],
      ['premium', 'tier.update', 2],
      ['lab-model', 'model.create', 1],
      ['lab-model', 'model.update', 1],
      ['backend.create', 'backend.create', 1],
      ['user.update', 'user.update', 4],
    ];
    for (const [search, action, count] of expected) {
      await visit(page, `/admin/audit?search=${search}&action=${action}`);
      const rows = page.getByRole('table', { name: 'Audit log' }).getByRole('row', { name: new RegExp(`${action} admin`) }); // prettier-ignore
      expect([search, action, await rows.count()]).toEqual([search, action, count]);
    }
    await visit(page, '/admin/audit?search=premium&action=tier.update');
    await page.getByRole('row', { name: /tier\.update/ }).first().getByRole('button', { name: 'tier.update' }).click(); // prettier-ignore
    const entry = page.getByRole('dialog', { name: 'tier.update' });
    await entry.getByText('Requests per minute').waitFor();
    expect(await entry.innerText()).toMatch(/Before:\s*20\s[\s\S]*After:\s*77/);
  });

  it('is the only one who sees the administration', async () => {
    const other = person.page;
    await visit(other, '/');
    const navigation = other.getByRole('navigation', { name: 'Pages' });
    expect(await navigation.getByRole('link', { name: 'Tokens' }).count()).toBe(1);
    for (const entry of ['Overview', 'Tiers', 'Models and backends', 'Users', 'All tokens', 'Audit log', 'Health']) {
      expect(await navigation.getByRole('link', { name: entry }).count()).toBe(0);
    }
    await other.keyboard.press('ControlOrMeta+k');
    const palette = other.getByRole('dialog', { name: 'Command palette' });
    await palette.getByRole('option', { name: 'Tokens' }).waitFor();
    expect(await palette.getByRole('option', { name: 'Audit log' }).count()).toBe(0);
    const asked: string[] = [];
    other.on('request', (request) => request.url().includes('/admin/') && asked.push(request.url()));
    for (const path of adminPages) {
      await visit(other, path);
      await other.getByRole('heading', { name: 'Administrators only', level: 1 }).waitFor();
      await settled(other);
      expect(await other.getByRole('table').count()).toBe(0);
    }
    // The pages themselves are files; nothing is asked of the API.
    expect(asked.filter((url) => url.includes('/maas-api/'))).toEqual([]);
  });
});
