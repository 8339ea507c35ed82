import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry, Me } from '@maas/contracts/auth';
import type { ModelList } from '@maas/contracts/models';
import type { CreatedToken, RevokeAllResult, Token, TokenConfig } from '@maas/contracts/tokens';
import { TokenSignerService } from '../src/auth/token-signer.service.js';
import { DatabaseService } from '../src/database/database.service.js';
import { AccountDirectory } from '../src/tokens/account-directory.service.js';
import { AccountSweeper } from '../src/tokens/account-sweeper.service.js';
import { ACCESS_TOKEN } from '../src/tokens/token.js';
import { tokenOf } from './fake-cluster.js';
import { type FakeKubernetes, startFakeKubernetes } from './fake-kubernetes.js';
import { type Answer, chat, errorOf, type Harness, startHarness } from './harness.js';
import { unknownFields } from './kubernetes-shapes.js';
import { eventually } from './streams.js';

const API = '/maas-api/v1';
let maas: Harness;
let kubernetes: FakeKubernetes;

/** What `oc whoami -t` prints for somebody. */
function identityOf(username: string, groups: string[] = []): string {
  const token = `sha256~of-${username.replaceAll(':', '.')}`;
  kubernetes.cluster.people.set(token, { username, groups });
  return token;
}
const digest = (text: string) => createHash('sha1').update(text).digest('hex').slice(0, 8);
const request = (token: string, body: object = {}) => maas.call<CreatedToken>(`${API}/tokens`, { token, body });
const use = (token: string) => maas.call('/v1/chat/completions', { token, body: chat('Hello') });
const list = (token: string) => maas.call<{ data: Token[] }>(`${API}/tokens`, { token });
const revoke = (token: string, jti: string) => maas.call(`${API}/tokens/${jti}`, { method: 'DELETE', token });
const revokeAll = (token: string) => maas.call(`${API}/tokens`, { method: 'DELETE', token });
const accounts = () => [...kubernetes.cluster.accounts.keys()];
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

async function mint(token: string, body: object = {}): Promise<CreatedToken> {
  const answer = await request(token, body);
  if (answer.status !== 201) throw new Error(`no token was issued: ${answer.text}`);
  return answer.body;
}

function expectRevoked(answer: Answer): void {
  expect([answer.status, errorOf(answer)]).toMatchObject([401, { code: 'invalid_api_key' }]);
  expect(errorOf(answer).message).toMatch(/^Invalid authentication token/);
}

beforeAll(async () => {
  kubernetes = await startFakeKubernetes();
  kubernetes.answerByCluster();
  maas = await startHarness({ KUBERNETES_AUTH: kubernetes.kubeconfig, TOKEN_ISSUER: 'serviceaccount' });
  kubernetes.cluster.now = () => maas.clock.now();
});
afterEach(() => {
  kubernetes.intercept = undefined;
  kubernetes.cluster.longest = Infinity;
  kubernetes.cluster.withJti = true;
  kubernetes.asked.splice(0);
  kubernetes.seen.splice(0);
  maas.clock.turn(60_000);
});
afterAll(async () => {
  await maas.stop();
  await kubernetes.close();
});

describe('the guide, with tokens of the cluster', () => {
  it('is as with our own: request a token, list models, call one, revoke it', async () => {
    const identity = identityOf('ana', ['premium-users']);
    const answer = await request(identity, { expiration: '15m', name: 'laptop' });
    const { token, ...shown } = answer.body;
    const name = `ana-${digest('ana')}`;
    expect(answer.status).toBe(201);
    const issuedAt = Math.floor(maas.clock.now() / 1000);
    expect(shown).toMatchObject({ expiration: '15m0s', issuedAt, expiresAt: issuedAt + 900, name: 'laptop' });
    expect(claimsOf(token)).toMatchObject({
      aud: ['maas-sa'],
      sub: `system:serviceaccount:maas-tier-premium:${name}`,
      jti: shown.jti,
      exp: shown.expiresAt,
    });
    expect(kubernetes.cluster.accounts.get(`maas-tier-premium/${name}`)).toMatchObject({
      automountServiceAccountToken: false,
      metadata: {
        labels: { 'app.kubernetes.io/managed-by': 'maas', 'maas.opendatahub.io/tier': 'premium' },
        annotations: { 'maas.opendatahub.io/username': 'ana' },
      },
    });

    const models = await maas.call<ModelList>('/v1/models', { token });
    expect(models.body.data.map(({ id }) => id)).toEqual(['simulator', 'qwen3']);
    const used = await use(token);
    expect([used.status, used.headers.get('x-ratelimit-limit-requests')]).toEqual([200, '20']);
    await maas.flushUsage();
    const { client } = maas.nest.get(DatabaseService);
    expect(await client.usageEvent.findMany({ select: { tokenJti: true } })).toEqual([{ tokenJti: shown.jti }]);

    const [known, ...others] = (await list(identity)).body.data;
    expect(known).toMatchObject({ jti: shown.jti, name: 'laptop', status: 'active' });
    expect(Date.parse(known?.expiresAt ?? '')).toBe(shown.expiresAt * 1000);
    expect(others).toEqual([]);
    expect((await revoke(identity, shown.jti)).status).toBe(204);
    expectRevoked(await use(token));
    expectRevoked(await maas.call('/v1/models', { token }));
    expect((await list(identity)).body.data[0]?.status).toBe('revoked');
    // The secret is nowhere.
    const rows = [await client.issuedToken.findMany(), await client.tokenAccount.findMany(), await client.auditEntry.findMany()]; // prettier-ignore
    expect(JSON.stringify(rows)).not.toContain(token.split('.')[2]);
  });

  it('the account is made once, and a token is one question then', async () => {
    const identity = identityOf('bo');
    await mint(identity);
    kubernetes.asked.splice(0);
    await mint(identity);
    expect(kubernetes.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /api/v1/namespaces/maas-tier-free/serviceaccounts/bo-${digest('bo')}/token`,
    ]);
    expect(kubernetes.asked[0]?.body.spec).toEqual({ audiences: ['maas-sa'], expirationSeconds: 14_400 });
  });

  it('works for whoever is no user of the cluster too, by an account of their own', async () => {
    const cluster = await mint(identityOf('free'));
    const { token } = await mint(await maas.login('free'));
    expect((await use(token)).status).toBe(200);
    expect(claimsOf(token)['sub']).toMatch(/^system:serviceaccount:maas-tier-free:free-[0-9a-f]{8}$/);
    expect(claimsOf(token)['sub']).not.toBe(claimsOf(cluster.token)['sub']);
    const { body } = await maas.call<TokenConfig>(`${API}/tokens/config`, { token: await maas.login('free') });
    expect(body.issuer).toBe('serviceaccount');
  });

  it('a workload’s own ServiceAccount can be exchanged for one', async () => {
    const name = 'system:serviceaccount:team-a:batch';
    const { token } = await mint(identityOf(name, ['system:serviceaccounts', 'system:serviceaccounts:team-a']));
    expect(claimsOf(token)['sub']).toMatch(`:system-serviceaccount-team-a-batch-${digest(name)}`);
    expect((await use(token)).status).toBe(200);
  });

  it('shows the lifetime that the cluster grants, not the one that was asked for', async () => {
    kubernetes.cluster.longest = 3600;
    const identity = identityOf('cy');
    const { expiration, expiresAt, issuedAt, token } = await mint(identity, { expiration: '4h' });
    expect([expiration, expiresAt - issuedAt]).toEqual(['1h0m0s', 3600]);
    expect(Date.parse((await list(identity)).body.data[0]?.expiresAt ?? '')).toBe(expiresAt * 1000);
    maas.clock.turn(3600_000);
    expectRevoked(await use(token));
    expect((await list(identity)).body.data[0]?.status).toBe('expired');
  });

  it('tokens that were issued here before go on', async () => {
    const { body } = await maas.call<Me>(`${API}/me`, { token: await maas.login('free') });
    const jti = '0198c0de-0000-7000-8000-00000000abcd';
    const { token } = await maas.nest.get(TokenSignerService).sign(ACCESS_TOKEN, body.id, jti, 600);
    expect((await use(token)).status).toBe(200);
  });
});

describe('an access token of the cluster', () => {
  it('is no identity: it gets no token, no session and no page of its owner’s, and can revoke itself alone', async () => {
    const identity = identityOf('dee');
    const [{ token, jti }, other] = [await mint(identity), await mint(identity)];
    expect((await request(token)).status).toBe(403);
    expect((await maas.call(`${API}/me`, { token })).status).toBe(403);
    const session = { body: { token }, headers: { 'sec-fetch-site': 'same-origin', origin: maas.url } };
    expect((await maas.call(`${API}/session/kubernetes`, session)).status).toBe(401);
    expect((await revoke(token, other.jti)).status).toBe(403);
    expect((await revoke(token, jti)).status).toBe(204);
    expectRevoked(await use(token));
    expect((await use(other.token)).status).toBe(200);
  });

  it('follows its owner’s tier at the next request; the namespace is that of the tier in which it was issued', async () => {
    const identity = identityOf('eve');
    const first = await mint(identity);
    const { id } = (await maas.call<Me>(`${API}/me`, { token: identity })).body;
    await maas.admin(`/users/${id}`, { method: 'PATCH', body: { tierOverride: 'enterprise' } });
    expect((await use(first.token)).headers.get('x-ratelimit-limit-requests')).toBe('50');
    const second = await mint(identity);
    expect([first, second].map(({ token }) => claimsOf(token)['sub'])).toEqual([
      expect.stringContaining(':maas-tier-free:'),
      expect.stringContaining(':maas-tier-enterprise:'),
    ]);
    expect((await revokeAll(identity)).status).toBe(204);
    for (const { token } of [first, second]) expectRevoked(await use(token));
    await eventually(() => accounts().every((name) => !name.includes('/eve-')), 'the accounts are deleted');
  });

  it('of a cluster that gives none a jti is revoked alone, in whatever spelling it comes', async () => {
    kubernetes.cluster.withJti = false;
    const identity = identityOf('fay');
    const [{ token, jti }, other] = [await mint(identity), await mint(identity, { expiration: '1h' })];
    const last = token.slice(-1);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const respelt = token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(last) ^ 1);
    expect([(await use(token)).status, (await use(respelt)).status]).toEqual([200, 200]);
    await revoke(identity, jti);
    expectRevoked(await use(token));
    expectRevoked(await use(respelt));
    expect((await use(other.token)).status).toBe(200);
  });

  it('lists the newest first, though the cluster’s jtis have no order', async () => {
    const identity = identityOf('gil');
    const names: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      maas.clock.turn(1000);
      names.unshift((await mint(identity, { name: `token-${turn}` })).name ?? '');
    }
    const pages: (string | null)[] = [];
    let after = '';
    do {
      const { body } = await maas.call<{ data: Token[]; next_cursor: string | null }>(`${API}/tokens?limit=2${after}`, {
        token: identity,
      });
      pages.push(...body.data.map(({ name }) => name));
      after = body.next_cursor ? `&after=${encodeURIComponent(body.next_cursor)}` : '';
    } while (after !== '');
    expect(pages).toEqual(names);
  });
});

describe('revoking all', () => {
  it('ends every token at once, deletes the account, and the next token has an account of another uid', async () => {
    const identity = identityOf('hal');
    const tokens = [await mint(identity), await mint(identity)];
    const account = accounts().find((name) => name.includes('/hal-'));
    const uid = () => kubernetes.cluster.accounts.get(account ?? '')?.metadata.uid;
    const before = uid();
    for (const { token } of tokens) expect((await use(token)).status).toBe(200);
    const dry = await maas.call<RevokeAllResult>(`${API}/tokens?dryRun=true`, { method: 'DELETE', token: identity });
    expect(dry.body).toEqual({ revoked: 2, dryRun: true });
    expect((await revokeAll(identity)).status).toBe(204);
    for (const { token } of tokens) expectRevoked(await use(token));
    await eventually(() => uid() === undefined, 'the account is deleted');
    const { token } = await mint(identity);
    expect(uid()).toBeDefined();
    expect(uid()).not.toBe(before);
    expect((await use(token)).status).toBe(200);
    for (const old of tokens) expectRevoked(await use(old.token));
  });

  it('ends also what somebody had issued to the account by other means', async () => {
    const identity = identityOf('ida');
    await mint(identity);
    const [namespace, account] =
      accounts()
        .find((each) => each.includes('/ida-'))
        ?.split('/') ?? [];
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const token = tokenOf(kubernetes.cluster.answer('POST', path, { spec: { audiences: ['maas-sa'] } }));
    expect((await use(token)).status).toBe(200);
    // Also where none of the platform's own is left.
    const { id } = (await maas.call<Me>(`${API}/me`, { token: identity })).body;
    for (const { jti } of (await list(identity)).body.data) await revoke(identity, jti);
    expect((await use(token)).status).toBe(200);
    await revokeAll(identity);
    expectRevoked(await use(token));
    const audited = await maas.admin<{ data: AuditEntry[] }>(`/audit?action=token.revoke_all&targetId=${id}`);
    expect(audited.body.data.map(({ after }) => after)).toEqual([
      { username: 'ida', revoked: [], serviceAccounts: [`system:serviceaccount:${namespace}:${account}`] },
    ]);
  });

  it('acts at once while the API server is away, and the account goes when it is back', async () => {
    const identity = identityOf('jo');
    const { token } = await mint(identity);
    const { id } = (await maas.call<Me>(`${API}/me`, { token: identity })).body;
    await kubernetes.stop();
    expect((await maas.admin(`/users/${id}/tokens`, { method: 'DELETE' })).status).toBe(200);
    expectRevoked(await use(token));
    expect(accounts().some((name) => name.includes('/jo-'))).toBe(true);
    await kubernetes.start();
    expectRevoked(await use(token));
    maas.nest.get(AccountSweeper).wake();
    await eventually(() => !accounts().some((name) => name.includes('/jo-')), 'the account is deleted');
  });

  it('of somebody who is suspended removes the account for good, as deleting them does', async () => {
    for (const [username, end] of [
      ['kai', 'suspend'],
      ['lea', 'delete'],
    ] as const) {
      // prettier-ignore
      const identity = identityOf(username);
      const { token } = await mint(identity);
      const { id } = (await maas.call<Me>(`${API}/me`, { token: identity })).body;
      if (end === 'suspend') {
        await maas.admin(`/users/${id}`, { method: 'PATCH', body: { suspended: true } });
        expect((await use(token)).status).toBe(403);
        await maas.admin(`/users/${id}/tokens`, { method: 'DELETE' });
      } else {
        await maas.admin(`/users/${id}`, { method: 'DELETE' });
        maas.nest.get(AccountSweeper).wake();
      }
      expectRevoked(await use(token));
      await eventually(() => !accounts().some((name) => name.includes(`/${username}-`)), 'the account is deleted');
    }
    // Who comes back is somebody else, with an account of their own.
    expect((await use((await mint(identityOf('lea'))).token)).status).toBe(200);
  });

  it('again and again, at whatever moment, is never in the way of the next token', async () => {
    const identity = identityOf('nia');
    for (let turn = 0; turn < 10; turn += 1) {
      const { token } = await mint(identity);
      await revokeAll(identity);
      expectRevoked(await maas.call('/v1/models', { token }));
    }
    const both = await Promise.all([mint(identity), mint(identity, { expiration: '1h' })]);
    for (const { token } of both) expect((await maas.call('/v1/models', { token })).status).toBe(200);
  });

  it('while a token is being issued leaves none that works', async () => {
    const identity = identityOf('max');
    await mint(identity);
    let release: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      kubernetes.intercept = ({ method, path, body }, response) => {
        if (!path.endsWith('/token')) return false;
        const known = kubernetes.cluster.answer(method, path, body as object);
        const json = { 'content-type': 'application/json' };
        release = () => response.writeHead(known?.code ?? 500, json).end(JSON.stringify(known?.body));
        resolve();
        return true;
      };
    });
    const issuing = request(identity);
    await asked;
    await revokeAll(identity);
    release?.();
    const answer = await issuing;
    expect([answer.status, errorOf(answer).message]).toEqual([409, expect.stringContaining('request it again')]);
    kubernetes.intercept = undefined;
    expect((await use((await mint(identity)).token)).status).toBe(200);
  });
});

it('what is said to the API server, and what it answers here, has the form that Kubernetes publishes', () => {
  const spoken = kubernetes.spoken.filter(({ kind }) => kind !== undefined);
  const kinds = new Set(spoken.map(({ kind }) => kind));
  const expected = ['TokenReview', 'TokenRequest', 'ServiceAccount', 'Namespace', 'Status'];
  expect([...kinds]).toEqual(expect.arrayContaining(expected));
  expect(spoken.flatMap((object) => unknownFields(object).map((path) => `${String(object['kind'])} ${path}`))).toEqual(
    [],
  );
  const wrong = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'x', nmae: 'y' } };
  expect(unknownFields(wrong)).toEqual(['/metadata/nmae']);
});

it('whose account it is can be kept, and read again, for a start without the database', async () => {
  const { token } = await mint(identityOf('zoe'));
  const directory = maas.nest.get(AccountDirectory);
  const kept = JSON.parse(JSON.stringify(directory.keep())) as unknown[];
  directory.restore([]);
  directory.restore(kept);
  expect((await use(token)).status).toBe(200);
  expect(() => directory.restore([{ subject: 'x' }])).toThrow();
});
