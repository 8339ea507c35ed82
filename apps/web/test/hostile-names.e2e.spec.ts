import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { AuditEntry, User } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import type { Page } from 'playwright-core';
import { type FakeModel, startFakeModel } from '../../api/test/fake-model.js';
import { freePorts } from '../../api/test/free-ports.js';
import { chat, type Harness, PASSWORD, startHarness } from '../../api/test/harness.js';
import { CLIENT_ID, CLIENT_SECRET, type OidcIssuer, startOidcIssuer } from '../../api/test/oidc-issuer.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { settled, visit } from './pages.js';

/** What would be an element, a script, an expression of a template, and text from right to left. */
const MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}${alert(1)}\u202Egnp.exe';
const LINK = 'javascript:alert(1)';
const LONG = 'W'.repeat(100);
const NAMES = [MARKUP, LINK, LONG];
const places = NAMES.map((_name, index) => index);

inChromium('a name that is meant to do harm', () => {
  let issuer: OidcIssuer;
  let url: string;
  let maas: Harness;
  let model: FakeModel;
  let chromium: Chromium;
  let person: Tab;
  let admin: Tab;
  let tokens: string[];
  let userIds: string[];

  beforeAll(async () => {
    const [port = 0] = await freePorts(1);
    url = `http://localhost:${port}`;
    issuer = await startOidcIssuer(`${url}/auth/oidc/callback`);
    const accounts = [LINK, LONG, MARKUP].map((name) => ({ preferred_username: name, email: name, groups: NAMES }));
    accounts.forEach((account, index) => issuer.accounts.set(`u-${index}`, account));
    maas = await startHarness({
      PORT: String(port),
      PUBLIC_URL: url,
      OIDC_ISSUER: issuer.issuer,
      OIDC_CLIENT_ID: CLIENT_ID,
      OIDC_CLIENT_SECRET: CLIENT_SECRET,
      OIDC_LABEL: MARKUP,
    });
    model = await startFakeModel();
    model.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const chunk = { id: 'x', object: 'chat.completion.chunk', created: 1, model: MARKUP };
      const frames = NAMES.map((content) => ({ ...chunk, choices: [{ index: 0, delta: { content: `${content} ` } }] }));
      response.end(`${frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join('')}data: [DONE]\n\n`);
    });
    for (const [index, name] of NAMES.entries()) await addNamed(index, name);
    const tiers = ['hostile-2', 'hostile-1', 'free'];
    for (const place of places) await maas.admin(`/models/hostile-${place}`, { method: 'PATCH', body: { tiers } });
    chromium = await startChromium();
    for (const subject of ['u-0', 'u-1', 'u-2']) person = await signInByProvider(subject);
    tokens = await callWithNamedTokens(person.page);
    admin = await chromium.open(url, { width: 375 });
    await signInLocally(admin.page);
    await admin.page.goto('about:blank');
    const users = await maas.admin<{ data: User[] }>('/users');
    userIds = users.body.data.filter(({ username }) => NAMES.includes(username)).map(({ id }) => id);
    for (const id of userIds) {
      await maas.admin(`/users/${id}`, { method: 'PATCH', body: { tierOverride: 'hostile-2' } });
      await maas.admin(`/users/${id}`, { method: 'PATCH', body: { tierOverride: null } });
    }
    await maas.flushUsage();
  });
  afterAll(async () => {
    await chromium.close();
    await model.close();
    await maas.stop();
    await issuer.stop();
  });

  /** A tier and a model that bear a name wherever they can. */
  async function addNamed(index: number, name: string): Promise<void> {
    const texts = { displayName: name, description: name, groups: [name], features: [name] };
    const limits = { requestsPerMinute: null, tokensPerMinute: null };
    const tier = { name: `hostile-${index}`, level: 100 + index, ...texts, ...limits };
    expect((await maas.admin('/tiers', { method: 'POST', body: tier })).status).toBe(201);
    await maas.addModel(`hostile-${index}`, model.url, {
      name,
      description: name,
      ownedBy: name,
      capabilities: ['chat', name],
      tiers: [],
      backends: [{ url: `${model.url.replace('/v1', '')}/${LONG}/${LONG}`, upstreamModel: name }],
    }); // prettier-ignore
  }

  async function signInByProvider(subject: string): Promise<Tab> {
    issuer.visitor = subject;
    const tab = await chromium.open(url, { width: 375 });
    await tab.context.setExtraHTTPHeaders({ 'user-agent': MARKUP.replace(/\P{ASCII}/gu, '') });
    await tab.page.goto('/auth/oidc/start');
    await tab.page.waitForURL(`${url}/`);
    await settled(tab.page);
    return tab;
  }

  async function signInLocally(page: Page): Promise<void> {
    await page.goto('/sign-in');
    await page.getByRole('link', { name: '<img src=x' }).waitFor();
    await page.getByRole('button', { name: 'Use a local account' }).click();
    await page.getByLabel('Username').fill('admin');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(`${url}/`);
  }

  /** The ids of tokens that have been used. */
  async function callWithNamedTokens(page: Page): Promise<string[]> {
    const ids: string[] = [];
    for (const [index, name] of NAMES.entries()) {
      const body = JSON.stringify({ name, description: name });
      const created = await page.evaluate<CreatedToken>(
        `fetch('/maas-api/v1/tokens', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(body)} }).then((answer) => answer.json())`,
      );
      const question = chat(name, { model: `hostile-${index}`, stream: true });
      const { status } = await maas.call('/v1/chat/completions', { token: created.token, body: question });
      expect(status).toBe(200);
      ids.push(created.jti);
    }
    return ids;
  }

  /** What is wrong with a page as it is now, and which of these texts it does not show. */
  async function harmOf({ page, troubles }: Tab, texts: readonly string[]): Promise<string[]> {
    const shown = await page.evaluate<string>('document.body.innerText');
    const made = await page.evaluate<number>(MADE_OF_A_NAME);
    const harm = [
      ...troubles,
      ...(made > 0 ? [`${made} elements out of a name`] : []),
      ...texts.filter((text) => !shown.includes(text)).map((text) => `does not show ${text}`),
      ...(await page.evaluate<string[]>(TOO_WIDE)),
    ];
    troubles.length = 0;
    return harm;
  }

  async function harmOnPages(tab: Tab, pages: readonly (readonly [path: string, ...texts: string[]])[]) {
    const harm: string[] = [];
    for (const [path, ...texts] of pages) {
      await tab.page.goto(path);
      const overlay = /[?&](?:token|tier|entry|id|create)=/.test(path) && !path.startsWith('/admin/models');
      if (overlay) await tab.page.getByRole('dialog').waitFor();
      await settled(tab.page);
      harm.push(...(await harmOf(tab, texts)).map((what) => `${path}: ${what}`));
    }
    return harm;
  }

  it('is text and nothing else to the person who has it, on each page and in each drawer', async () => {
    const pages = [
      ['/', LONG] as const,
      ['/tokens', ...NAMES] as const,
      [`/tokens?search=${encodeURIComponent(MARKUP)}`, MARKUP] as const,
      ['/models', ...NAMES] as const,
      [`/models?search=${encodeURIComponent(MARKUP)}`] as const,
      [`/models?id=${encodeURIComponent(MARKUP)}`, MARKUP] as const,
      ['/usage?group=token', ...NAMES] as const,
      ['/settings', ...NAMES] as const,
      [`/playground?model=${encodeURIComponent(MARKUP)}`] as const,
      ...tokens.map((jti, place) => [`/tokens?token=${jti}`, NAMES[place] ?? ''] as const),
      ...places.map((place) => [`/models?id=hostile-${place}`, NAMES[place] ?? ''] as const),
    ];
    expect(await harmOnPages(person, pages)).toEqual([]);
  });

  it('is text and nothing else to an administrator, on each page', async () => {
    const pages = [
      ['/admin', ...NAMES] as const,
      ['/admin/health'] as const,
      ['/admin/tiers', ...NAMES] as const,
      ['/admin/models', ...NAMES] as const,
      [`/admin/models?id=${encodeURIComponent(MARKUP)}`] as const,
      ['/admin/users', ...NAMES] as const,
      ['/admin/tokens', ...NAMES] as const,
      ['/admin/audit', MARKUP, LONG] as const,
      ['/admin/usage?group=user', ...NAMES] as const,
      ['/admin/usage?group=token', ...NAMES] as const,
      ['/admin/usage?group=tier'] as const,
    ];
    expect(await harmOnPages(admin, pages)).toEqual([]);
  });

  it('is text and nothing else to an administrator, in each drawer', async () => {
    const entries = await maas.admin<{ data: AuditEntry[] }>('/audit?limit=100');
    const kinds = new Map(entries.body.data.map(({ id, targetType }) => [targetType, id]));
    const pages = [
      ...places.map((place) => [`/admin/tiers?tier=hostile-${place}`, NAMES[place] ?? ''] as const),
      ...places.map((place) => [`/admin/models?id=hostile-${place}`, NAMES[place] ?? ''] as const),
      ...userIds.map((id) => [`/admin/users?id=${id}`, ...NAMES] as const),
      ...[...kinds.values()].map((id) => [`/admin/audit?range=all&entry=${id}`] as const),
    ];
    expect(await harmOnPages(admin, pages)).toEqual([]);
  });

  it('is text in a question, in an answer, and in what went wrong', async () => {
    const { page } = person;
    await visit(page, '/playground?model=hostile-0');
    const message = page.getByRole('textbox', { name: 'Message' });
    await message.fill(MARKUP);
    await page.keyboard.press('Enter');
    const turns = page.getByRole('log').getByRole('listitem');
    await turns.getByText(NAMES.join(' ')).waitFor();
    expect(await turns.getByText(MARKUP).count()).toBeGreaterThan(1);
    await settled(page);
    expect(await harmOf(person, NAMES)).toEqual([]);
    await page.getByRole('button', { name: 'View code' }).click();
    await page.getByRole('dialog').getByRole('region', { name: 'curl' }).waitFor();
    expect(await harmOf(person, [])).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    model.behave((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: NAMES.join(' '), type: 'invalid_request_error', code: LONG } }));
    });
    await message.fill(LONG);
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText(MARKUP).waitFor();
    expect(await harmOf(person, NAMES)).toEqual([]);
  });

  it('is text in the questions that stand before a deed', async () => {
    const { page } = person;
    await visit(page, `/tokens?search=${encodeURIComponent(MARKUP.slice(0, 20))}`);
    await page.getByRole('button', { name: 'Actions for' }).first().click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await page.getByRole('alertdialog').getByText(MARKUP).first().waitFor();
    expect(await harmOf(person, [MARKUP])).toEqual([]);
    for (const place of places) {
      await visit(admin.page, `/admin/tiers?tier=hostile-${place}`);
      await admin.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
      const question = admin.page.getByRole('alertdialog');
      await question.getByText(/gets? another tier/).first().waitFor(); // prettier-ignore
      expect(await harmOf(admin, [NAMES[place] ?? ''])).toEqual([]);
      await question.getByRole('button', { name: 'Cancel' }).click();
    }
  });
});

/** How many elements only a name can have made. */
const MADE_OF_A_NAME = `[
  ...document.querySelectorAll('img[src="x"], [onerror], a[href^="javascript:"]'),
  ...[...document.scripts].filter((script) => script.textContent.startsWith('alert(1)')),
].length`;

/**
 * What reaches beyond the edge of the page, or of a dialog, with its text. What is meant to be scrolled (code, tables) and what
 * is cut off (an ellipsis) stays within.
 */
const TOO_WIDE = `(() => {
  const scrolls = (element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
  const boxes = [document.documentElement, ...document.querySelectorAll('[role="dialog"], [role="alertdialog"], body *')].filter(
    (element, index) => index === 0 || /dialog/.test(element.role) || (scrolls(element) && !/overflow-(x-)?auto/.test(element.className)),
  );
  return boxes.filter((box) => box.clientWidth > 0 && box.scrollWidth > box.clientWidth + 1).map((box) => {
    const edge = box.getBoundingClientRect().left + box.clientWidth;
    const last = [...box.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > edge + 1).at(-1);
    return (box.role ?? box.tagName) + ' ' + box.scrollWidth + ' wide instead of ' + box.clientWidth + ': ' + (last?.outerHTML.slice(0, 300) ?? '');
  });
})()`;
