import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreatedToken } from '@maas/contracts/tokens';
import { type FakeKubernetes, reviewing, type SeenReview, startFakeKubernetes } from './fake-kubernetes.js';
import { errorOf, type Harness, startHarness } from './harness.js';
import { eventually } from './streams.js';

let maas: Harness;
let kubernetes: FakeKubernetes;
/** Reviews that the API server has yet to answer. */
let held: (() => void)[];

const identityOf = (name: string) => {
  kubernetes.cluster.people.set(`sha256~of-${name}`, { username: name, groups: [] });
  return `sha256~of-${name}`;
};
const mint = async (name: string) => {
  const answer = await maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token: identityOf(name) });
  if (answer.status !== 201) throw new Error(`no token was issued: ${answer.text}`);
  return answer.body.token;
};
const list = (token: string) => maas.call('/v1/models', { token });
const from = (address: string, token: string) =>
  maas.call('/maas-api/v1/me', { token, headers: { 'x-forwarded-for': address } });
/** A token with the claims of another one, and a signature that is made up. */
const forged = (token: string, number: number) =>
  `${token.split('.').slice(0, 2).join('.')}.${Buffer.from(`forged ${number}`).toString('base64url')}`;
const statuses = async (asking: Promise<{ status: number }>[]) =>
  (await Promise.all(asking)).map(({ status }) => status);
const counted = (all: readonly number[], status: number) => all.filter((each) => each === status).length;

/** Holds what this says of back, and answers all else as the cluster does. */
function hold(which: (review: SeenReview) => boolean): void {
  kubernetes.answer((review, response: ServerResponse) => {
    const answer = () =>
      reviewing(kubernetes.cluster.review(review.spec.token, review.spec.audiences))(review, response);
    if (which(review)) held.push(answer);
    else answer();
  });
}
async function release(asking: Promise<unknown>): Promise<void> {
  let done = false;
  void asking.finally(() => (done = true));
  while (!done) {
    held.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeAll(async () => {
  kubernetes = await startFakeKubernetes();
  kubernetes.answerByCluster();
  maas = await startHarness({
    KUBERNETES_AUTH: kubernetes.kubeconfig,
    TOKEN_ISSUER: 'serviceaccount',
    TRUST_PROXY: '127.0.0.1',
    LOGIN_ATTEMPTS_PER_MINUTE: '3',
  });
  kubernetes.cluster.now = () => maas.clock.now();
});
afterEach(() => {
  held = [];
  kubernetes.answerByCluster();
  maas.clock.turn(60_000);
  kubernetes.seen.splice(0);
});
afterAll(async () => {
  await maas.stop();
  await kubernetes.close();
});

describe('whoever forges tokens of their own account', () => {
  it('keeps nobody waiting, also while the API server is slow with them', async () => {
    held = [];
    const [mallory, ana] = [await mint('mallory'), await mint('ana')];
    kubernetes.seen.splice(0);
    hold(({ spec }) => spec.token.startsWith(mallory.split('.').slice(0, 2).join('.')));
    const flood = statuses(Array.from({ length: 150 }, (_, index) => list(forged(mallory, index))));
    await eventually(() => held.length > 0, 'they are asked about');
    expect((await list(ana)).status).toBe(200);
    expect(held.length).toBeLessThanOrEqual(5);
    await release(flood);
    const all = await flood;
    // 20 refusals, and those that were under way at the last of them.
    expect(kubernetes.seen.length - 1).toBeLessThanOrEqual(24);
    expect([counted(all, 401) + counted(all, 429), counted(all, 200)]).toEqual([150, 0]);
    expect(counted(all, 429)).toBeGreaterThan(100);
  });

  it('is told to come again, keeps the tokens that are good, and is asked about again a minute later', async () => {
    const [known, fresh] = [await mint('mallory'), await mint('mallory')];
    expect((await list(known)).status).toBe(200);
    await Promise.all(Array.from({ length: 30 }, (_, index) => list(forged(known, index))));
    const answer = await list(fresh);
    expect([answer.status, errorOf(answer).code]).toEqual([429, 'rate_limit_exceeded']);
    expect(errorOf(answer).message).toMatch(
      /^Rate limit exceeded: too many tokens that are not valid; try again in 60 s/,
    );
    expect(answer.headers.get('retry-after')).toBe('60');
    maas.clock.turn(10_000);
    expect((await list(known)).status).toBe(200);
    maas.clock.turn(50_000);
    expect((await list(fresh)).status).toBe(200);
  });
});

describe('whoever makes up identity tokens', () => {
  it('is not asked about beyond what an address may guess, and others are', async () => {
    const flood = await statuses(
      Array.from({ length: 50 }, (_, index) => from('203.0.113.7', `sha256~made-up-${index}`)),
    );
    expect([counted(flood, 401) >= 30, counted(flood, 401) <= 34, counted(flood, 429) >= 16]).toEqual([
      true,
      true,
      true,
    ]);
    expect(kubernetes.seen.length).toBeLessThanOrEqual(34);
    expect((await from('203.0.113.7', identityOf('bo'))).status).toBe(429);
    expect((await from('203.0.113.8', identityOf('bo'))).status).toBe(200);
    maas.clock.turn(60_000);
    expect((await from('203.0.113.7', identityOf('cy'))).status).toBe(200);
  });

  it('from anywhere keeps nobody waiting who has an access token', async () => {
    held = [];
    const token = await mint('dee');
    hold(({ spec }) => spec.token.startsWith('sha256~made-up'));
    const addresses = Array.from({ length: 100 }, (_, index) => `198.51.100.${index}`);
    const flood = statuses(addresses.map((address, index) => from(address, `sha256~made-up-${index}`)));
    await eventually(() => held.length > 0, 'they are asked about');
    expect((await list(token)).status).toBe(200);
    expect(held.length).toBeLessThanOrEqual(10);
    await release(flood);
    const all = await flood;
    // Where the machine was so busy that they waited for long, some were told to come again.
    expect([counted(all, 401) + counted(all, 503), counted(all, 401) > 0]).toEqual([100, true]);
  });

  it('or shows what no API server would take costs nothing', async () => {
    const token = await mint('eve');
    kubernetes.seen.splice(0);
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = (claims: object, header: object = { alg: 'RS256' }) => `${encode(header)}.${encode(claims)}.c2ln`;
    const seconds = Math.floor(maas.clock.now() / 1000);
    const junk = [
      jwt({ sub: 'ana', exp: seconds - 61 }),
      jwt({ sub: 'ana', exp: seconds + 600 }, { alg: 'none' }),
      jwt({ sub: 'system:serviceaccount:maas-tier-gold:ana-1', exp: seconds + 600 }),
    ];
    for (const each of junk) expect((await from('203.0.113.9', each)).status).toBe(401);
    expect((await from('203.0.113.9', forged(token, 1))).status).toBe(401);
    expect(kubernetes.seen.filter(({ spec }) => spec.audiences === undefined)).toEqual([]);
  });
});
