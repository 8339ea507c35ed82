import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { chat, type Harness, startHarness } from '../../api/test/harness.js';
import { eventually } from '../../api/test/streams.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { settled, signIn, visit } from './pages.js';

inChromium('a person with their tokens', () => {
  let maas: Harness;
  let chromium: Chromium;
  let tab: Tab;

  beforeAll(async () => {
    maas = await startHarness();
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium.close();
    await maas.stop();
  });
  beforeEach(async () => {
    tab = await chromium.open(maas.url);
    await signIn(tab.page, 'premium', '/tokens');
  });

  const use = async (token: string) => {
    const answer = await maas.call('/v1/chat/completions', { token, body: chat('hi') });
    return answer.status;
  };
  const clipboard = () => tab.page.evaluate<string>('navigator.clipboard.readText()');

  it('creates one, copies it, uses it, sees that it was used, and revokes it', async () => {
    const { page } = tab;
    await page.getByRole('button', { name: 'Create token' }).first().click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('ci pipeline');
    await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
    const shown = await page.getByLabel('Token', { exact: true }).inputValue();
    await page.getByRole('button', { name: 'Copy token' }).click();
    await page.getByRole('status').getByText('Copied').first().waitFor();
    expect(await clipboard()).toBe(shown);
    expect(await use(shown)).toBe(200);

    // The snippet already holds it.
    expect(await page.getByRole('dialog').getByRole('tabpanel').innerText()).toContain(shown);
    // Neither Escape nor a click beside the dialog throws it away.
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    await page.getByRole('button', { name: 'I saved it' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.content()).not.toContain(shown);
    expect(await page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage, url: location.href })')).not
      .toContain(shown.slice(-40)); // prettier-ignore

    const row = page.getByRole('row', { name: /ci pipeline/ });
    await row.getByText('Active').waitFor();
    await row.getByRole('button', { name: 'Actions for ci pipeline' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    const confirm = page.getByRole('alertdialog');
    expect(await confirm.innerText()).toContain('ci pipeline');
    await confirm.getByRole('button', { name: 'Revoke' }).click();
    await row.getByText('Revoked').waitFor();
    expect(await use(shown)).toBe(401);
    expect(tab.troubles).toEqual([]);
  });

  it('does all of it by the keyboard alone', async () => {
    const { page } = tab;
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = () =>
      page.evaluate<string>('document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""'); // prettier-ignore
    /** Goes on by Tab until something has the focus, which must be within reach. */
    const tabTo = async (name: RegExp, key = 'Tab') => {
      for (let step = 0; step < 40; step += 1) {
        if (name.test(await focused())) return;
        await press(key);
      }
      throw new Error(`Tab does not lead to ${name.source}`);
    };

    await tabTo(/^Skip to the content/);
    await press('Enter');
    await tabTo(/^Create token/);
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    // The form comes when the server has said what it allows.
    await page.locator('input[name=name]:focus').waitFor();
    await page.keyboard.type('by keyboard');
    await press('Enter');
    await page.getByLabel('Token', { exact: true }).waitFor();
    await tabTo(/^Copy token/);
    await press('Enter');
    await page.getByRole('status').getByText('Copied').first().waitFor();
    const secret = await clipboard();
    expect(await use(secret)).toBe(200);
    await tabTo(/^I saved it/);
    await press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // The focus is back where it was, and goes on from there.
    await eventually(async () => (await focused()).startsWith('Create token'), 'the focus is back');
    await page.getByRole('row', { name: /by keyboard/ }).waitFor();
    await tabTo(/^Actions for by keyboard/);
    await press('Enter');
    await page.getByRole('menu').waitFor();
    await tabTo(/^Revoke/, 'ArrowDown');
    await press('Enter');
    await page.getByRole('alertdialog').waitFor();
    // What cannot be undone is never one key away.
    await tabTo(/^Cancel/);
    await tabTo(/^Revoke/);
    await press('Enter');
    await page
      .getByRole('row', { name: /by keyboard/ })
      .getByText('Revoked')
      .waitFor();
    expect(await use(secret)).toBe(401);
  });

  it('finds them again by an address: search, status and order are in it', async () => {
    const identity = await maas.login('premium');
    for (const name of ['nightly build', 'notebook', 'night watch']) {
      await maas.call('/maas-api/v1/tokens', { token: identity, body: { name } });
    }
    const { page } = tab;
    await visit(page, '/tokens');
    await page.getByPlaceholder('Search by name').fill('night');
    await page.waitForURL(/search=night/);
    await settled(page);
    await visit(page, page.url());
    expect(await page.getByRole('row').count()).toBe(3);
    expect(await page.getByRole('row', { name: /notebook/ }).count()).toBe(0);
  });

  it('revokes all of them after typing the word, and is told how many', async () => {
    const identity = await maas.login('premium');
    await maas.call('/maas-api/v1/tokens', { method: 'DELETE', token: identity });
    const tokens: string[] = [];
    for (let number = 0; number < 3; number += 1) tokens.push(await maas.accessToken('premium'));
    const { page } = tab;
    await visit(page, '/tokens');
    await page.getByRole('button', { name: 'Revoke all' }).click();
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('3 tokens').waitFor();
    const act = dialog.getByRole('button', { name: 'Revoke all' });
    expect(await act.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').fill('revoke');
    await act.click();
    await dialog.waitFor({ state: 'detached' });
    for (const token of tokens) expect(await use(token)).toBe(401);
  });
});
