import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ErrorBody } from '@maas/contracts/errors';
import type { ListedModel, ModelList } from '@maas/contracts/models';
import type { CreatedToken } from '@maas/contracts/tokens';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import { blocksOf, isFragment, optionLines, readGuide, readOriginal, repositoryRoot } from './guide-document.js';
import { GuideShell, type Ran } from './guide-shell.js';
import { guideEnvironment, requireTools, testServer } from './guide-tools.js';
import { type Harness, PASSWORD, startHarness } from './harness.js';

/** What running a block showed, and how it came. */
interface Shown extends Ran {
  readonly block: string;
  /** Standard output as it came, with how many requests the model was answering at that moment. */
  readonly pieces: { readonly text: string; readonly underway: number }[];
  /** Inference requests that reached the platform meanwhile. */
  readonly requests: number;
}

requireTools();

const guide = readGuide();
const original = readOriginal();
const blocks = blocksOf(guide, 'bash');
const commands = blocks.filter((block) => !isFragment(block));

let maas: Harness;
let simulator: Simulator;
let environment: Record<string, string>;
let shell: GuideShell;
let origin: string;
let inferenceRequests = 0;
let results: Shown[];

beforeAll(async () => {
  // Answers at a pace at which what comes at once can be told from what comes in pieces.
  simulator = createSimulator({ pace: { ttftMs: 20, tokenMs: 60 } });
  maas = await startHarness({
    TLS_CERT_FILE: testServer.certificate,
    TLS_KEY_FILE: testServer.key,
    SIMULATOR_URL: await simulator.listen(),
  });
  maas.nest.getHttpServer().on('request', ({ url }: { url?: string }) => {
    if (url?.includes('/chat/completions')) inferenceRequests += 1;
  });
  const port = Number(new URL(maas.url).port);
  origin = `https://maas.localhost:${port}`;
  environment = guideEnvironment(port, 'free', PASSWORD);
  shell = new GuideShell(environment);
  results = [];
  for (const block of commands) results.push(await runAsWritten(block));
});
afterAll(async () => {
  await shell.close();
  await maas.stop();
  await simulator.close();
  await rm(environment['HOME'] ?? '', { recursive: true, force: true });
});

/** The clock stands still: the whole guide has to fit into the limits of one minute. */
async function runAsWritten(block: string): Promise<Shown> {
  await maas.flushUsage();
  const before = inferenceRequests;
  const pieces: Shown['pieces'] = [];
  const ran = await shell.run(block, (text) => pieces.push({ text, underway: simulator.stats().inFlight }));
  return { block, ...ran, pieces, requests: inferenceRequests - before };
}

/** What the one block of the guide showed that has this in it. */
function shownBy(part: string): Shown {
  const found = results.filter(({ block }) => block.includes(part));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} blocks of the guide have ${part} in them`);
  return found[0];
}

/** Runs a curl of the test's own, in the guide's shell; the certificate is verified. */
async function curl<Body = unknown>(options: string): Promise<{ status: number; body: Body }> {
  const { stdout } = await shell.run(`curl -sS -w '\\n%{http_code}' ${options}`);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end)), body: JSON.parse(stdout.slice(0, end)) as Body };
}

const CHAT = '"$MAAS_API_URL/v1/chat/completions"';
const chatAs = (authorization: string, model = 'simulator') =>
  curl<ErrorBody>(`${authorization} -d '{"model":"${model}","messages":[{"role":"user","content":"hi"}]}' ${CHAT}`);
const BEARER = '-H "Authorization: Bearer $ACCESS_TOKEN"';

/** The example of an answer in the guide that has this in it. */
function exampleWith<Body extends object>(part: string): Body {
  return JSON.parse(blocksOf(guide, 'json').find((block) => block.includes(part)) ?? '') as Body;
}

/** The error that the guide promises for a status. */
function promised(heading: string): ErrorBody['error'] {
  const [example] = blocksOf(guide.slice(guide.indexOf(`**${heading}**`)), 'json');
  return (JSON.parse(example ?? '') as ErrorBody).error;
}

function expectPromised({ error }: ErrorBody, heading: string): void {
  const { message, type, code } = promised(heading);
  expect(error).toMatchObject({ type, code });
  expect(error.message.slice(0, message.length)).toBe(message);
}

describe('the commands of the user guide, pasted in order by somebody of the tier free', () => {
  it('all succeed within one minute, but for the one that curl refuses', () => {
    const failed = results.filter(({ statuses }) => statuses.some((status) => status !== 0));
    expect(failed.map(({ block }) => block)).toEqual([headersAsFirstWritten()]);
  });

  it('print an access token: three parts, longer than 100 characters, for 15 minutes', () => {
    const { stdout } = shownBy('TOKEN_RESPONSE=$(curl');
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(stdout.length).toBeGreaterThan(100);
    const [, claims = ''] = stdout.split('.');
    const { iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number; exp: number };
    expect(exp - iat).toBe(900);
  });

  it('were sure of the certificate, where they do not say -k', async () => {
    expect(commands.some((block) => !block.includes('-sSk') && block.includes('curl "'))).toBe(true);
    // 60: the certificate is not trusted.
    expect((await shell.run('(unset CURL_CA_BUNDLE; curl -sS "$MAAS_API_URL/health")')).statuses).toEqual([60]);
  });

  it('list the models of the tier, with the fields that the guide shows', () => {
    const list = JSON.parse(shownBy('echo $MODELS | jq .').stdout) as ModelList;
    expect(list.data.map(({ id }) => id)).toEqual(['simulator']);
    expect(list.data[0]).toMatchObject({
      id: 'simulator',
      name: 'Simulator Model',
      url: `${origin}/simulator/v1/chat/completions`,
      tier: 'free',
    });
    const [shown] = exampleWith<ModelList>('"object": "list"').data;
    expect(Object.keys(list.data[0] ?? {})).toEqual(Object.keys(shown ?? {}));
  });

  it('show the details of one model', () => {
    expect(JSON.parse(shownBy('MODEL_INFO=').stdout)).toMatchObject({ id: 'simulator', tier: 'free', ready: true });
  });

  it('take the first model of a fresh installation, whose URL ends as the guide goes on to append', async () => {
    expect(await shell.valueOf('MODEL_NAME')).toBe('simulator');
    expect(await shell.valueOf('MODEL_URL')).toBe(`${origin}/simulator/v1/chat/completions`);
  });

  it('get a chat completion with its usage', () => {
    const answer = JSON.parse(shownBy('MODEL_URL=$(echo $MODELS').stdout) as Record<string, unknown>;
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'simulator',
      choices: [{ message: { role: 'assistant', content: expect.stringMatching(/\w/) }, finish_reason: 'stop' }],
      usage: { prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    });
  });

  it('get a streamed completion frame by frame, while the model is still at it, to [DONE]', () => {
    const { stdout, pieces } = shownBy('--no-buffer');
    const frames = stdout.trimEnd().split('\n\n');
    expect(frames.at(-1)).toBe('data: [DONE]');
    const chunks = frames.slice(0, -1).map((frame) => JSON.parse(frame.replace(/^data: /, '')) as StreamedChunk);
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toMatch(/\w/);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(pieces[0]).toMatchObject({ underway: 1 });
    expect(pieces.filter(({ text }) => text.includes('data: ')).length).toBeGreaterThan(3);
  });

  it('show tier and limits, and what was used', () => {
    expect(JSON.parse(shownBy('/maas-api/v1/me').stdout)).toMatchObject({
      tier: { name: 'free', reason: 'group' },
      limits: { requests: { limit: 5, remaining: 3 }, tokens: { limit: 100 } },
    });
    expect(JSON.parse(shownBy('/maas-api/v1/usage').stdout)).toMatchObject([
      { model: 'simulator', requests: 3, errors: 0, refused: 0 },
    ]);
  });

  it('list the tokens, and end with giving the token back', async () => {
    expect(shownBy("jq '.data[]").stdout).toContain('"status": "active"');
    expect(shownBy('-X DELETE').stdout).toBe('204\n');
    const { status, body } = await chatAs(BEARER);
    expect(status).toBe(401);
    expectPromised(body, '401 Unauthorized');
  });
});

interface StreamedChunk {
  readonly choices: { readonly delta: { readonly content?: string }; readonly finish_reason: string | null }[];
}

/** The guide's first way to look at the headers: `-I` together with `-d`. */
function headersAsFirstWritten(): string {
  const found = commands.find((block) => block.includes('curl -I') && block.includes('-d '));
  if (found === undefined) throw new Error('the guide has no curl -I with -d');
  return found;
}

describe('looking at the limits', () => {
  it('is refused by curl itself as first written, before anything is sent', async () => {
    const { statuses, stdout, requests } = shownBy(headersAsFirstWritten());
    // 2: curl could not be started with these options.
    expect(statuses).toEqual([2, 1]);
    expect(stdout).toBe('');
    expect(requests).toBe(0);
    // Without -s curl says why.
    expect((await shell.run(`curl -I -d '{}' ${CHAT}`)).stderr).toMatch(/only select one HTTP request/i);
  });

  it('works by HEAD, without counting against the limits', () => {
    const { stdout, requests } = results.find(
      ({ block }) => block.includes('curl -I') && !block.includes('-d '),
    ) as Shown;
    expect(requests).toBe(1);
    const headers = headersIn(stdout);
    expect(headers).toMatchObject({
      'x-ratelimit-limit-requests': '5',
      'x-ratelimit-remaining-requests': '3',
      'x-ratelimit-reset-requests': '1m0s',
      'x-ratelimit-limit-tokens': '100',
      'x-ratelimit-reset-tokens': '1m0s',
    });
    expect(Object.keys(headers)).toHaveLength(6);
  });

  it('works with a real request, which counts', () => {
    const headers = headersIn(shownBy('-D -').stdout);
    expect(headers).toMatchObject({ 'x-ratelimit-remaining-requests': '2', 'x-odhu-usage-output-tokens': '5' });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

function headersIn(text: string): Record<string, string> {
  const lines = text.split('\r\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
}

describe('what goes wrong, as the guide says', () => {
  beforeAll(async () => {
    // The guide ended with giving its token back.
    await shell.run(shownBy('TOKEN_RESPONSE=$(curl').block);
  });

  it.each([
    ['no token', ''],
    ['a token that is none of ours', '-H "Authorization: Bearer wrong"'],
    ['the null of a failed exchange', '-H "Authorization: Bearer null"'],
    ['an empty token', '-H "Authorization: Bearer "'],
    ['a token without Bearer', '-H "Authorization: $ACCESS_TOKEN"'],
    ['the identity token', '-H "Authorization: Bearer $OC_TOKEN"'],
  ])('answers %s with 401', async (_case, authorization) => {
    const { status, body } = await chatAs(authorization);
    expect(status).toBe(401);
    expectPromised(body, '401 Unauthorized');
  });

  it('tells the right format of the header from the wrong one', async () => {
    const [fragment, ...others] = blocks.filter(isFragment);
    expect(others).toEqual([]);
    const [right = '', wrong = ''] = optionLines(fragment ?? '').map((line) =>
      line.replace('YOUR_TOKEN', '$ACCESS_TOKEN'),
    );
    expect((await curl(`${right} "$MAAS_API_URL/v1/models"`)).status).toBe(200);
    expect((await curl(`${wrong} "$MAAS_API_URL/v1/models"`)).status).toBe(401);
  });

  it('answers a model of another tier with 403', async () => {
    const { status, body } = await chatAs(BEARER, 'qwen3');
    expect(status).toBe(403);
    expectPromised(body, '403 Forbidden');
  });

  it('answers a model that does not exist with 404', async () => {
    const { status, body } = await chatAs(BEARER, 'Simulator');
    expect(status).toBe(404);
    expect(body.error).toMatchObject({ type: 'invalid_request_error', code: 'model_not_found' });
    const { data } = JSON.parse(shownBy('curl -X GET').stdout) as { data: ListedModel[] };
    expect(data.map(({ id }) => id)).toEqual(['simulator']);
  });

  it('answers who is beyond a limit with 429, whatever token they show, and lets in who waits as long as told', async () => {
    const admitted = [await chatAs(BEARER), await chatAs(BEARER), await chatAs(BEARER)].filter(
      ({ status }) => status === 200,
    );
    // Three of the five requests of the minute went into the guide's own commands, by another token.
    expect(admitted.length).toBeLessThanOrEqual(2);
    const { status, body } = await chatAs(BEARER);
    expect(status).toBe(429);
    expectPromised(body, '429 Too Many Requests');
    expect(body.error.message).toMatch(/your tier allows \d+ (requests|tokens) per minute; try again in 60 s$/);
    maas.clock.turn(59_999);
    expect((await chatAs(BEARER)).status).toBe(429);
    maas.clock.turn(1);
    expect((await chatAs(BEARER)).status).toBe(200);
  });
});

describe('the text of the guide', () => {
  it('says what a token exchange answers', async () => {
    const { token, ...rest } = JSON.parse(await shell.valueOf('TOKEN_RESPONSE')) as CreatedToken;
    expect(Object.keys(exampleWith('"expiresAt"'))).toEqual(['token', ...Object.keys(rest)]);
    expect(token.length).toBeGreaterThan(100);
  });

  it('has a program for the OpenAI SDK that runs as it stands', async () => {
    maas.clock.turn(60_000);
    const [program = ''] = blocksOf(guide, 'js');
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: repositoryRoot,
      env: {
        // Node leaves names below localhost to the system's resolver, which may not know them.
        MAAS_API_URL: maas.url,
        ACCESS_TOKEN: await shell.valueOf('ACCESS_TOKEN'),
        NODE_EXTRA_CA_CERTS: testServer.certificate,
      },
    });
    const answer = JSON.parse(shownBy('MODEL_URL=$(echo $MODELS').stdout) as {
      choices: [{ message: { content: string } }];
    };
    expect(stdout).toBe(answer.choices[0].message.content);
  });

  // Where the original is not beside the checkout, its commands are still run: they are those of ours.
  if (original !== undefined) {
    it('has every command of the original guide, to the letter and in its order', () => {
      const theirs = blocksOf(original, 'bash');
      expect(theirs.length).toBeGreaterThan(5);
      expect(blocks.filter((block) => theirs.includes(block))).toEqual(theirs);
    });

    it('promises the errors of the original guide', () => {
      const errors = blocksOf(original, 'json').filter((block) => block.includes('"error"'));
      expect(errors).toHaveLength(3);
      expect(blocksOf(guide, 'json')).toEqual(expect.arrayContaining(errors));
    });
  }
});
