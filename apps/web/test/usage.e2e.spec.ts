import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { type FakeModel, startFakeModel } from '../../api/test/fake-model.js';
import { chat, type Harness, startHarness } from '../../api/test/harness.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { settled, signIn, visit } from './pages.js';

/** What is written at the axis of a chart. */
const TICKS = '.recharts-yAxis-tick-labels text, .recharts-yAxis .recharts-cartesian-axis-tick-value';

inChromium('usage', () => {
  let maas: Harness;
  let model: FakeModel;
  let chromium: Chromium;
  let tab: Tab;

  beforeAll(async () => {
    maas = await startHarness();
    model = await startFakeModel();
    await maas.addModel('large', model.url);
    chromium = await startChromium();
    const usage = { prompt_tokens: 2_900_000, completion_tokens: 2, total_tokens: 2_900_002 };
    model.behave((_request, response) => {
      const message = { role: 'assistant', content: 'Hello' };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, choices, usage }));
    });
    const token = await maas.accessToken('premium');
    const answer = await maas.call('/v1/chat/completions', { token, body: chat('hi', { model: 'large' }) });
    if (answer.status !== 200) throw new Error(answer.text);
    await maas.flushUsage();
  });
  afterAll(async () => {
    await chromium.close();
    await model.close();
    await maas.stop();
  });
  afterEach(async () => {
    await tab.close();
    if (tab.troubles.length > 0) throw new Error(tab.troubles.join('\n'));
  });

  const open = async (username: string, path: string) => {
    tab = await chromium.open(maas.url);
    await signIn(tab.page, username, '/usage');
    await visit(tab.page, path);
    return tab.page;
  };
  const address = () => new URL(tab.page.url()).search;

  it('of nothing at all leads to a first call', async () => {
    const page = await open('enterprise', '/usage');
    await page.getByText('Nothing was used yet').waitFor();
    expect(await page.getByText('No usage in this range').count()).toBe(0);
    await page.getByRole('link', { name: 'Open the playground' }).click();
    await page.waitForURL('**/playground*');
  });

  it('outside of the range that is in sight is said to be there, and is one click away', async () => {
    const nothing = '?range=custom&from=2025-03-01&to=2025-03-31';
    const page = await open('premium', `/usage${nothing}`);
    await page.getByText('No usage in this range').first().waitFor();
    expect(await page.getByText('Nothing was used yet').count()).toBe(0);
    await page.getByRole('button', { name: 'Show that time' }).click();
    await page.waitForURL('**/usage?range=7d');
    await page.getByRole('table', { name: 'By model' }).getByText('large').waitFor();
    await page.goBack();
    await page.getByText('No usage in this range').first().waitFor();
    expect(address()).toBe(nothing);
  });

  it('is drawn beside ticks that are what they say: they are equally far apart', async () => {
    const page = await open('premium', '/usage?range=24h');
    const axis = page.locator(TICKS);
    await axis.first().waitFor();
    const values = (await axis.allTextContents()).map(valueOf).sort((one, other) => one - other);
    expect(values.length).toBeGreaterThan(2);
    expect(values.at(-1)).toBeGreaterThanOrEqual(2_900_000);
    const [first = 0, second = 0] = values;
    for (const [place, value] of values.entries()) expect(value).toBeCloseTo(first + place * (second - first), 3);
  });

  it('goes back to the range and the filters before, one by one', async () => {
    const page = await open('premium', '/usage');
    await page.getByRole('radio', { name: '7 days' }).click();
    await page.waitForURL('**/usage?range=7d');
    await page.getByRole('combobox', { name: 'Group by' }).selectOption('token');
    await page.waitForURL('**/usage?range=7d&group=token');
    await page.goBack();
    await page.getByRole('table', { name: 'By model' }).waitFor();
    expect(address()).toBe('?range=7d');
    await page.goBack();
    await page.waitForURL('**/usage');
    await page.getByRole('radio', { name: '30 days', checked: true }).waitFor();
  });

  it('of all by model that could not be read over time says so, and is drawn after another try', async () => {
    const page = await open('admin', '/usage');
    const message = 'Something went wrong on our side.';
    const isSeries = (url: URL) =>
      url.pathname === '/maas-api/v1/admin/usage' && url.searchParams.get('model') === 'large';
    await page.route(isSeries, (route) =>
      route.fulfill({
        status: 500,
        json: { error: { message, type: 'server_error', param: null, code: 'internal_error' } },
      }),
    );
    await visit(page, '/admin/usage?group=model');
    const chart = page.getByRole('tabpanel', { name: 'Tokens', exact: true });
    const failure = chart.getByRole('alert').filter({ hasText: message });
    await failure.waitFor();
    // What could be read is there.
    await page.getByRole('table', { name: 'Largest models' }).getByRole('button', { name: 'large' }).waitFor();
    await page.unroute(isSeries);
    await failure.getByRole('button', { name: 'Try again' }).click();
    await chart.locator(TICKS).first().waitFor();
    expect(await failure.count()).toBe(0);
    tab.troubles.length = 0;
  });

  it('is left by one step back from a list, however long somebody wrote in its search', async () => {
    const page = await open('premium', '/usage');
    await page.getByRole('link', { name: 'Tokens', exact: true }).click();
    const search = page.getByRole('textbox', { name: 'Search by name' });
    for (const text of ['ci', 'ci-pipe', 'ci-pipeline']) {
      await search.fill(text);
      await page.waitForURL(`**/tokens?search=${text}`);
    }
    await settled(page);
    await page.goBack();
    await page.waitForURL('**/usage');
  });
});

/** What a tick stands for: `2.25m`, `750k`. */
function valueOf(text: string): number {
  const [, digits = '', unit = ''] = /^([\d.]+)([kmb]?)n?$/i.exec(text) ?? [];
  return Number(digits || Number.NaN) * ({ k: 1e3, m: 1e6, b: 1e9 }[unit.toLowerCase()] ?? 1);
}
