import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ModelList } from '@maas/contracts/models';
import type { CreatedToken } from '@maas/contracts/tokens';
import { DividedInstallation } from './divided-installation.js';
import { type FakeKubernetes, REVIEWER_TOKEN, startFakeKubernetes } from './fake-kubernetes.js';
import { call, chat, type MaasProcess } from './process-maas.js';
import { eventually } from './streams.js';

let kubernetes: FakeKubernetes;
let installation: DividedInstallation;
let gateway: MaasProcess;
let api: MaasProcess;
const secrets = [REVIEWER_TOKEN];

beforeAll(async () => {
  kubernetes = await startFakeKubernetes();
  kubernetes.answerByCluster();
  installation = await DividedInstallation.create({
    KUBERNETES_AUTH: kubernetes.kubeconfig,
    TOKEN_ISSUER: 'serviceaccount',
    TOKEN_REVIEW_CACHE: '1s',
    LOG_LEVEL: 'trace',
    LOG_REQUESTS: 'on',
  });
  api = await installation.start('api');
  gateway = await installation.start('gateway');
});
afterAll(async () => {
  await installation.remove();
  await kubernetes.close();
});

function identityOf(username: string): string {
  const token = `sha256~secret-of-${username}`;
  kubernetes.cluster.people.set(token, { username, groups: ['enterprise-users'] });
  secrets.push(token);
  return token;
}

async function mint(identity: string): Promise<string> {
  const answer = await call<CreatedToken>(api, '/maas-api/v1/tokens', { method: 'POST', token: identity });
  if (answer.status !== 201) throw new Error(`no token was issued: ${answer.text}`);
  secrets.push(...answer.body.token.split('.').slice(2));
  return answer.body.token;
}

/** Not counted against a limit. */
const statusOf = async (token: string) => (await call(gateway, '/v1/models', { token })).status;
const use = (token: string) => call(gateway, '/v1/chat/completions', { token, body: chat() });

describe('a control plane that has tokens issued, and a gateway that asks about them', () => {
  it('know of each other’s: a token of somebody who was never here is good at once', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const token = await mint(identityOf(`new-${turn}`));
      const { status, body } = await call<ModelList>(gateway, '/v1/models', { token });
      expect([status, body.data.length]).toEqual([200, 2]);
      expect((await use(token)).status).toBe(200);
    }
  });

  it('a revocation at one acts at the other within a second, of one token and of all', async () => {
    const identity = identityOf('ana');
    const [first, second] = [await mint(identity), await mint(identity)];
    expect([(await use(first)).status, (await use(second)).status]).toEqual([200, 200]);
    const { jti } = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString()) as { jti: string };
    await call(api, `/maas-api/v1/tokens/${jti}`, { method: 'DELETE', token: identity });
    await eventually(async () => (await statusOf(first)) === 401, 'it is revoked');
    expect((await use(second)).status).toBe(200);
    await call(api, '/maas-api/v1/tokens', { method: 'DELETE', token: identity });
    await eventually(async () => (await statusOf(second)) === 401, 'they are revoked');
    const isAnas = (name: string) => name.includes('/ana-');
    await eventually(() => ![...kubernetes.cluster.accounts.keys()].some(isAnas), 'the account is deleted');
    expect((await use(await mint(identity))).status).toBe(200);
  });

  it('the gateway goes on by itself, and says so when it cannot ask', async () => {
    const token = await mint(identityOf('bo'));
    api.signal('SIGKILL');
    await api.ended;
    expect((await use(token)).status).toBe(200);
    await kubernetes.stop();
    await eventually(async () => (await statusOf(token)) === 503, 'what it remembers is old');
    await kubernetes.start();
    await eventually(async () => (await statusOf(token)) === 200, 'it is asked again');
  });

  it('write no token anywhere', async () => {
    gateway.signal('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
    const written = `${api.output()}${gateway.output()}`;
    expect(written).toContain('A token cannot be reviewed: the Kubernetes API server does not answer');
    for (const secret of secrets) expect(written).not.toContain(secret);
  });
});
