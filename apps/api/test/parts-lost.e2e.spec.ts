import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginResult } from '@maas/contracts/auth';
import type { ErrorBody } from '@maas/contracts/errors';
import type { CreatedToken } from '@maas/contracts/tokens';
import pg from 'pg';
import { hasBalancer } from './compose-balancer.js';
import { ComposeInstallation, type Part } from './compose-installation.js';
import { GuideTraffic, type Outcome } from './guide-traffic.js';
import { PASSWORD } from './harness.js';
import { administer, becomes, mint, setUp, unlimited } from './outage-installation.js';
import { type Answer, call, chat } from './process-maas.js';
import { hasRedis } from './redis-server.js';
import { eventually, openAnswer } from './streams.js';

/** Milliseconds, on a machine that runs other suites beside this one. */
const SOON = 60_000;
const MINUTE = 60_000;
const PEOPLE = 4;
/** Requests a minute of the one who is counted. */
const LIMIT = 12;
const gateways: Part[] = ['gateway-1', 'gateway-2'];
/** People who are counted, each for one of the tests. */
const counted = { ada: '', grace: '', joan: '' };

(hasBalancer && hasRedis ? describe : describe.skip)('the platform of docker-compose.yml', () => {
  let installation: ComposeInstallation;
  let identity: string;
  /** Of somebody without limits. */
  let access: string;
  let traffic: GuideTraffic;
  const everything: Outcome[] = [];

  beforeAll(async () => {
    installation = await ComposeInstallation.start();
    const api = installation.part('api');
    identity = await setUp(api);
    await administer(api, identity, '/tiers/free', 'PATCH', unlimited);
    await administer(api, identity, '/tiers/premium', 'PATCH', { ...unlimited, requestsPerMinute: LIMIT });
    for (const username of Object.keys(counted) as (keyof typeof counted)[]) {
      const credentials = { username, password: PASSWORD };
      const user = { ...credentials, groups: ['premium-users'] };
      await administer(api, identity, '/users', 'POST', user);
      // As the guide has it, all of it at one address.
      const { body } = await call<LoginResult>(front(), '/maas-api/v1/login', { body: credentials });
      const mine = { method: 'POST', token: body.token };
      counted[username] = (await call<CreatedToken>(front(), '/v1/tokens', mine)).body.token;
    }
    access = (await call<CreatedToken>(front(), '/v1/tokens', { method: 'POST', token: identity })).body.token;
    for (const gateway of gateways) {
      const standing = async (token: string) =>
        call(installation.part(gateway), '/v1/chat/completions', { token, method: 'HEAD' });
      const knows = async () =>
        (await Promise.all(Object.values(counted).map(standing))).every(
          ({ headers }) => headers.get('x-ratelimit-limit-requests') === String(LIMIT),
        ) &&
        (await standing(access)).headers.get('x-ratelimit-limit-requests') === null &&
        (await standing(access)).status === 200;
      await eventually(knows, `${gateway} knows of people and limits`, SOON);
    }
    traffic = new GuideTraffic(front().url, access, PEOPLE);
  });
  afterEach(async () => {
    await traffic.stop();
    everything.push(...traffic.outcomes);
    await installation.revive();
    traffic = new GuideTraffic(front().url, access, PEOPLE);
  });
  afterAll(async () => {
    await traffic.stop();
    await installation.stop();
  });

  const front = () => installation.front;
  const tryToMint = () =>
    call<ErrorBody>(front(), '/v1/tokens', { method: 'POST', token: identity }).catch(() => undefined);
  const ask = (token: string) => call(front(), '/v1/chat/completions', { token, body: chat() });

  /** Each of the people gets this many answers more. */
  async function trafficGoesOn(rounds = 5): Promise<void> {
    const before = traffic.answered.length;
    const enough = () => traffic.answered.length >= before + rounds * PEOPLE;
    await eventually(enough, 'the people get answers', SOON);
  }

  async function expectMintingRefused(): Promise<void> {
    let refused: Answer<ErrorBody> | undefined;
    const isRefused = async () => (refused = await tryToMint())?.status === 503;
    await eventually(isRefused, 'it is said that no token can be had', SOON);
    expect(refused?.body.error).toMatchObject({ type: 'server_error', code: 'service_unavailable' });
    expect(refused?.body.error.message).toMatch(/^The service .* at the moment.*; try again shortly$/);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  }

  const expectMintingReturns = () =>
    eventually(async () => (await tryToMint())?.status === 201, 'tokens are issued again', SOON);

  async function query<Row extends object>(sql: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: installation.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Each answer that a client has to its last byte has one row. */
  async function expectRows(answered: readonly { id: string }[]): Promise<void> {
    const missing = async () => {
      const written = new Set((await query<{ id: string }>('SELECT id FROM usage_event')).map(({ id }) => id));
      return answered.filter(({ id }) => !written.has(id));
    };
    await eventually(async () => (await missing()).length === 0, 'all of the usage is in the database', SOON);
    const [sum] = await query<Record<'rows' | 'ids', number>>(
      'SELECT count(*)::int AS rows, count(DISTINCT id)::int AS ids FROM usage_event',
    );
    expect(sum?.rows).toBe(sum?.ids);
  }

  const inferred = (outcomes: readonly Outcome[]) =>
    outcomes.filter(({ step, status }) => step !== 'list' && status === 200);

  it('serves people who do as the guide says', async () => {
    await trafficGoesOn();
    expect(traffic.failed).toEqual([]);
    expect(new Set(traffic.answered.map(({ step }) => step))).toEqual(new Set(['list', 'chat', 'stream']));
    await expectRows(inferred(traffic.outcomes));
  });

  it('loses, with a gateway that is killed, no more than what it was answering, and bills that', async () => {
    const limited = new LimitedPerson(() => ask(counted.ada));
    await limited.ask(4);
    const slow = { stream: true, simulator: { tokens: 1_000, token_ms: 100 } };
    const direct = (part: Part) => openAnswer(`${installation.part(part).url}/v1/chat/completions`, access, chat(slow));
    const [lost, kept] = await Promise.all([direct('gateway-1'), direct('gateway-2')]);
    // Four seconds of it: long enough to be on file.
    for (let frame = 0; frame < 40; frame += 1) await Promise.all([lost.nextFrame(), kept.nextFrame()]);
    await trafficGoesOn();
    await installation.kill('gateway-1');
    await expect(lost.rest()).rejects.toThrow();
    await trafficGoesOn(10);
    // Each has at most the one that was under way.
    expect(traffic.failed.length).toBeLessThanOrEqual(PEOPLE);
    for (let frame = 0; frame < 10; frame += 1) expect(await kept.nextFrame()).toContain('"content"');
    kept.abandon();
    // They were counted together, so what is left is what was left.
    await limited.ask(LIMIT + 4);
    expect(limited.most()).toBeLessThanOrEqual(LIMIT);
    expect(limited.statuses()).toEqual(new Set([200, 429]));
    expect((await tryToMint())?.status).toBe(201);
    await installation.launch('gateway-1');
    await becomes(installation.part('gateway-1'), '200 ready', SOON);
    const id = String(lost.message.headers['x-request-id']);
    await expectRows([...inferred(traffic.outcomes), { id }]);
    const [row] = await query<{ status: number; tokens: number }>(
      `SELECT status, completion_tokens AS tokens FROM usage_event WHERE id = '${id}'`,
    );
    expect(row?.status).toBe(500);
    expect(row?.tokens).toBeGreaterThan(0);
  });

  it('counts without Redis as the policy says, and together again when it is back', async () => {
    const limited = new LimitedPerson(() => ask(counted.grace));
    const states = () =>
      Promise.all(
        gateways.map(async (each) => {
          const { status, body } = await call<{ limits: { state: string } }>(installation.part(each), '/readyz');
          return `${status} ${body.limits.state}`;
        }),
      );
    const allAre = (state: string) =>
      eventually(async () => (await states()).every((each) => each === state), `the gateways are ${state}`, SOON);
    await allAre('200 shared');
    installation.redis.signal('SIGKILL');
    await trafficGoesOn();
    await allAre('200 fallback');
    await limited.ask(3 * LIMIT);
    // Nobody gets more than what there is, nor nothing: a share of each gateway.
    expect(limited.statuses()).toEqual(new Set([200, 429]));
    expect(limited.most()).toBeLessThanOrEqual(LIMIT);
    expect((await tryToMint())?.status).toBe(201);
    await installation.redis.restart();
    await allAre('200 shared');
    await trafficGoesOn();
    expect(traffic.failed).toEqual([]);
    await expectRows(inferred(traffic.outcomes));
  });

  it('goes on without PostgreSQL for those who have tokens, says that none can be had, and loses no usage', async () => {
    await trafficGoesOn();
    await installation.postgres.kill();
    for (const each of gateways) await becomes(installation.part(each), '200 degraded', SOON);
    await becomes(installation.part('api'), '200 degraded', SOON);
    await expectMintingRefused();
    await trafficGoesOn(20);
    const limited = new LimitedPerson(() => ask(counted.joan));
    await limited.ask(LIMIT + 4);
    expect(limited.most()).toBeLessThanOrEqual(LIMIT);
    expect(limited.statuses()).toContain(429);
    await installation.postgres.start();
    await expectMintingReturns();
    for (const each of gateways) await becomes(installation.part(each), '200 ready', SOON);
    expect(traffic.failed).toEqual([]);
    await expectRows([...inferred(traffic.outcomes), ...limited.admitted()]);
  });

  it('is as before when its balancer was killed and is back', async () => {
    await trafficGoesOn();
    await installation.balancer.kill();
    await eventually(() => traffic.failed.length > 0, 'people see that nobody answers', SOON);
    for (const each of gateways) {
      const answer = await call(installation.part(each), '/v1/chat/completions', { token: access, body: chat() });
      expect(answer.status).toBe(200);
    }
    installation.balancer.start();
    await installation.serves();
    await trafficGoesOn();
    expect((await tryToMint())?.status).toBe(201);
    // What was refused was refused by nobody of ours.
    expect(traffic.failed.filter(({ status }) => status !== 0 && status !== 503)).toEqual([]);
    await expectRows(inferred(traffic.outcomes));
  });

  it('goes on without the control plane for those who have tokens, and says that none can be had', async () => {
    await trafficGoesOn();
    await installation.kill('api');
    await expectMintingRefused();
    await trafficGoesOn(20);
    expect(traffic.failed).toEqual([]);
    await expectRows(inferred(traffic.outcomes));
    await installation.launch('api');
    await expectMintingReturns();
    const fresh = await mint({ ...installation.part('api'), url: front().url }, identity);
    await eventually(async () => (await ask(fresh)).status === 200, 'what it issues is good at the gateways', SOON);
  });

  it('has recorded each answer of all that time once', () => expectRows(inferred(everything)));
});

/** Somebody who has a limit, and asks one thing after the other. */
class LimitedPerson {
  private readonly answers: { began: number; ended: number; status: number; id: string }[] = [];

  constructor(private readonly send: () => Promise<Answer<unknown>>) {}

  async ask(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      const began = performance.now();
      const { status, headers } = await this.send();
      this.answers.push({ began, ended: performance.now(), status, id: headers.get('x-request-id') ?? '' });
    }
  }

  statuses(): Set<number> {
    return new Set(this.answers.map(({ status }) => status));
  }

  admitted(): { id: string }[] {
    return this.answers.filter(({ status }) => status === 200);
  }

  /** The most that were admitted within one minute for certain, however slow the machine was. */
  most(): number {
    const admitted = this.answers.filter(({ status }) => status === 200);
    const from = (began: number) =>
      admitted.filter((each) => each.began >= began && each.ended <= began + MINUTE).length;
    return Math.max(0, ...admitted.map(({ began }) => from(began)));
  }
}
