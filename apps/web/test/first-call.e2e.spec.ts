import { execFile } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type FakeModel, startFakeModel } from '../../api/test/fake-model.js';
import { chat, type Harness, startHarness } from '../../api/test/harness.js';
import { eventually } from '../../api/test/streams.js';
import { type Chromium, inChromium, startChromium, type Tab } from './browser.js';
import { settled, signIn, visit } from './pages.js';

const run = promisify(execFile);

inChromium('a first call', () => {
  let maas: Harness;
  let model: FakeModel;
  let chromium: Chromium;
  let tab: Tab;

  beforeAll(async () => {
    maas = await startHarness();
    model = await startFakeModel();
    await maas.addModel('written', model.url, { capabilities: ['chat', 'streaming'] });
    chromium = await startChromium();
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

  it('takes a sign-in, a token and the command that is shown; the steps end by themselves when it arrives', async () => {
    tab = await chromium.open(maas.url);
    const { page } = tab;
    await signIn(page, 'premium');
    await page.getByRole('heading', { name: 'Your first call' }).waitFor();
    await page.getByRole('link', { name: 'Create token' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('my first one');
    await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click();
    const token = await page.getByLabel('Token', { exact: true }).inputValue();
    await page.getByRole('button', { name: 'I saved it' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });

    await page.getByRole('link', { name: 'Home' }).click();
    await page.getByText('Waiting for your first call …').waitFor();
    expect(await page.getByRole('img', { name: 'Done' }).count()).toBe(1);
    const command = await page.getByRole('region', { name: 'curl' }).innerText();
    const { stdout } = await run('sh', ['-c', command], { env: { ...process.env, OPENAI_API_KEY: token } });
    expect(contentOf(stdout)).toMatch(/\w+ \w+/);
    expect(stdout).toMatch(/data: \[DONE\]\s*$/);

    await maas.flushUsage();
    await page.getByRole('heading', { name: 'You are set up' }).waitFor();
    await page.getByText(/^Your call arrived: .+, \d+ tokens$/).waitFor();
    // Who comes back is not told again.
    await visit(page, '/');
    expect(await page.getByText(/Your first call|You are set up/).count()).toBe(0);
    expect(await page.content()).not.toContain(token);
  });

  it('in the playground shows the answer as it grows, and then what it took', async () => {
    tab = await chromium.open(maas.url);
    const { page } = tab;
    const minted = mintedTokens(page);
    const stream = nextStream(model);
    await signIn(page, 'premium');
    await visit(page, '/playground?model=written');
    await page.getByRole('textbox', { name: 'Message' }).fill('Count to three');
    await page.keyboard.press('Enter');
    const answer = page.getByRole('log').getByRole('listitem');
    const response = await stream;
    for (const [word, shown] of [
      ['one', 'one'],
      [' two', 'one two'],
      [' three', 'one two three'],
    ] as const) {
      // prettier-ignore
      response.write(frame({ choices: [{ index: 0, delta: { content: word } }] }));
      await answer.getByText(shown, { exact: true }).waitFor();
      expect(await page.getByRole('button', { name: 'Stop' }).isEnabled()).toBe(true);
    }
    response.write(frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
    response.write(frame({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 } }));
    response.end('data: [DONE]\n\n');
    await page.getByText('12 in, 3 out, 15 tokens in all').waitFor();
    await page.getByText(/^First token /).waitFor();
    await page.getByRole('button', { name: 'Send' }).waitFor();

    // The conversation goes on from there.
    expect(JSON.parse(model.seen.at(-1)?.body ?? '{}')).toMatchObject({ stream: true });
    await page.getByRole('textbox', { name: 'Message' }).fill('And on');
    const second = nextStream(model);
    await page.keyboard.press('Enter');
    (await second).end(`${frame({ choices: [{ index: 0, delta: { content: 'four' } }] })}data: [DONE]\n\n`);
    await answer.getByText('four', { exact: true }).waitFor();
    const { messages } = JSON.parse(model.seen.at(-1)?.body ?? '{}') as { messages: { content: string }[] };
    expect(messages.map(({ content }) => content)).toEqual(['Count to three', 'one two three', 'And on']);

    // The token that it calls with is in nothing that outlives the tab, or that a person or a script of theirs could read.
    expect(minted).toHaveLength(1);
    const secret = (await minted[0])?.token ?? '';
    expect(secret.length).toBeGreaterThan(100);
    const kept = `JSON.stringify({ ...localStorage, ...sessionStorage, url: location.href, cookie: document.cookie, state: history.state })`;
    for (const place of [await page.content(), await page.evaluate<string>(kept)]) {
      expect(place).not.toContain(secret.slice(-40));
    }
  });

  it('that is stopped keeps what came, and the model stops too', async () => {
    tab = await chromium.open(maas.url);
    const { page } = tab;
    const stream = nextStream(model);
    await signIn(page, 'premium');
    await visit(page, '/playground?model=written');
    await page.getByLabel('Max tokens').first().fill('4000');
    await page.getByRole('textbox', { name: 'Message' }).fill('Tell me everything');
    await page.getByRole('button', { name: 'Send' }).click();
    const response = await stream;
    expect(JSON.parse(model.seen.at(-1)?.body ?? '{}')).toMatchObject({ max_tokens: 4000 });
    const ended = new Promise((resolve) => response.once('close', () => resolve(response.writableFinished)));
    response.write(frame({ choices: [{ index: 0, delta: { content: 'In the beginning' } }] }));
    await page.getByRole('log').getByText('In the beginning', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Stopped by you').waitFor();
    expect(await ended).toBe(false);
    expect(await page.getByRole('log').getByText('In the beginning', { exact: true }).count()).toBe(1);
    expect(await page.getByRole('alert').filter({ hasText: /\S/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Another answer' }).waitFor();
    // What was used until then is told as soon as the gateway has counted it.
    const counted = page.getByText(/\d+ in, \d+ out, \d+ tokens in all/);
    expect(await counted.or(page.getByText('Counting its tokens …')).first().isVisible()).toBe(true);
    await maas.flushUsage();
    await counted.waitFor();
  });

  it('ends with its tab: the token of the playground works no longer', async () => {
    tab = await chromium.open(maas.url);
    const { page } = tab;
    const minted = mintedTokens(page);
    const stream = nextStream(model);
    await signIn(page, 'premium');
    await visit(page, '/playground?model=written');
    await page.getByRole('textbox', { name: 'Message' }).fill('Hello');
    await page.keyboard.press('Enter');
    (await stream).end(`${frame({ choices: [{ index: 0, delta: { content: 'Good day' } }] })}data: [DONE]\n\n`);
    await page.getByRole('log').getByText('Good day', { exact: true }).waitFor();
    const token = (await minted[0])?.token ?? '';
    const works = async () => (await maas.call('/v1/models', { token })).status === 200;
    // Another page of the dashboard is the same tab: its token is not needed twice.
    await page.getByRole('link', { name: 'Usage', exact: true }).click();
    await page.waitForURL('**/usage');
    expect(await works()).toBe(true);
    await page.reload();
    await eventually(async () => !(await works()), 'the token is revoked');
  });

  it('over the limit of the free tier counts down, and can be sent again when the time is over', async () => {
    const token = await maas.accessToken('free');
    for (let number = 0; number < 6; number += 1) {
      const { status } = await maas.call('/v1/chat/completions', { token, body: chat('hi', { max_tokens: 5 }) });
      if (status === 429) break;
    }
    tab = await chromium.open(maas.url);
    const { page } = tab;
    await signIn(page, 'free');
    await visit(page, '/playground?model=simulator');
    const message = page.getByRole('textbox', { name: 'Message' });
    await message.fill('hello');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText(/limit/i).waitFor();
    const counting = page.getByRole('button', { name: /^\d+ s$/ });
    await message.fill('hello again');
    expect(await counting.isDisabled()).toBe(true);
    const first = Number.parseInt(await counting.innerText(), 10);
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(60);
    await eventually(async () => Number.parseInt(await counting.innerText(), 10) < first, 'it counts down');
    await page.getByRole('button', { name: /^Try again in \d+ s$/ }).waitFor();
    // Beside the log, from which a screen reader would be told each second.
    expect(await page.getByRole('log').getByText('hello', { exact: true }).count()).toBe(1);
    expect(
      await page
        .getByRole('log')
        .getByText(/limit|Try again/i)
        .count(),
    ).toBe(0);

    maas.clock.turn(61_000);
    await page.clock.setSystemTime(Date.now() + 61_000);
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText(/\d+ in, \d+ out, \d+ tokens in all/).waitFor();
    await settled(page);
    expect(await page.getByRole('alert').filter({ hasText: /limit/i }).count()).toBe(0);
  });
});

/** A frame of a stream, as a model sends it. */
function frame(chunk: object): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'fake', ...chunk })}\n\n`;
}

/** The text that a stream brought. */
function contentOf(stream: string): string {
  const chunks = [...stream.matchAll(/^data: (\{.*\})$/gm)].map(
    ([, json]) => JSON.parse(json ?? '') as { choices: { delta: { content?: string } }[] },
  );
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

/** The next answer of the model, begun and left open for the test to write. */
function nextStream(model: FakeModel): Promise<ServerResponse> {
  return new Promise((resolve) =>
    model.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
      resolve(response);
    }),
  );
}

/** The tokens that a page gets made from now on. */
function mintedTokens(page: Page): Promise<{ token: string }>[] {
  const minted: Promise<{ token: string }>[] = [];
  page.on('response', (response) => {
    const isMint = response.request().method() === 'POST' && response.url().endsWith('/maas-api/v1/tokens');
    if (isMint) minted.push(response.json() as Promise<{ token: string }>);
  });
  return minted;
}
