import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreatedToken, Token } from '@maas/contracts/tokens';
import { chat, errorOf, type Harness, startHarness } from './harness.js';

let maas: Harness;
let identity: string;

beforeAll(async () => {
  maas = await startHarness();
  identity = await maas.login('premium');
});
afterAll(() => maas.stop());

const mint = (body?: object | string) =>
  maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token: identity, ...(body === undefined ? {} : { body }) });

describe('minting', () => {
  it.each([
    ['15m', '15m0s', 900],
    ['1h30m', '1h30m0s', 5400],
    ['1.5h', '1h30m0s', 5400],
    ['601s', '10m1s', 601],
    ['2d', '48h0m0s', 172_800],
    [900, '15m0s', 900],
    [600, '10m0s', 600],
    [null, '4h0m0s', 14_400],
    ['', '4h0m0s', 14_400],
    ['0', '4h0m0s', 14_400],
    [0, '4h0m0s', 14_400],
    ['30d', '720h0m0s', 2_592_000],
  ])('takes the expiration %j', async (expiration, shown, seconds) => {
    const { status, body } = await mint({ expiration });
    expect(status).toBe(201);
    expect(body.expiration).toBe(shown);
    expect(body.expiresAt - body.issuedAt).toBe(seconds);
  });

  it.each(['5m', '599s', '-1h', '4hours', '30', '1 h', true, {}, [], '31d', 599, -1, 1e12, '0s'])(
    'refuses the expiration %j with a 400 that says what is accepted',
    async (expiration) => {
      const answer = await mint({ expiration });
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_request', param: 'expiration' });
      expect(errorOf(answer).message).toMatch(/^expiration is .*(10 minutes|longest)/);
    },
  );
});
