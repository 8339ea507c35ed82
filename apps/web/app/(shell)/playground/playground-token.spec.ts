import { beforeEach, describe, expect, it } from '@jest/globals';
import { PlaygroundToken } from './playground-token';

const HOUR = 3600;
let now = 0;
let minted = 0;
const mint = async () => ({ jti: `id-${(minted += 1)}`, token: `token-${minted}`, expiresAt: now / 1000 + HOUR });

beforeEach(() => {
  now = 0;
  minted = 0;
});

describe('the token of the playground', () => {
  it('is minted once, also for two who ask at the same time', async () => {
    const token = new PlaygroundToken(mint, () => now);
    expect(minted).toBe(0);
    expect(await Promise.all([token.read(), token.read()])).toEqual(['token-1', 'token-1']);
    expect(await token.read()).toBe('token-1');
  });

  it('is minted anew two minutes before it ends', async () => {
    const token = new PlaygroundToken(mint, () => now);
    await token.read();
    now = (HOUR - 121) * 1000;
    expect(await token.read()).toBe('token-1');
    now = (HOUR - 120) * 1000;
    expect(await token.read()).toBe('token-2');
  });

  it('is minted anew when it was revoked, unless that has happened already', async () => {
    const token = new PlaygroundToken(mint, () => now);
    token.forget(await token.read());
    expect(await token.read()).toBe('token-2');
    token.forget('token-1');
    expect(await token.read()).toBe('token-2');
  });

  it('is asked for again after minting failed', async () => {
    let fails = true;
    const token = new PlaygroundToken(
      () => (fails ? Promise.reject(new Error('no')) : mint()),
      () => now,
    );
    await expect(token.read()).rejects.toThrow('no');
    fails = false;
    expect(await token.read()).toBe('token-1');
  });

  it('is given up once, to be revoked, and not when it has ended by itself', async () => {
    const token = new PlaygroundToken(mint, () => now);
    expect(token.take()).toBeUndefined();
    await token.read();
    expect(token.take()?.jti).toBe('id-1');
    expect(token.take()).toBeUndefined();
    expect(await token.read()).toBe('token-2');
    now = HOUR * 1000;
    expect(token.take()).toBeUndefined();
  });

  it('shows nothing of itself when it is written down', async () => {
    const token = new PlaygroundToken(mint, () => now);
    await token.read();
    expect(JSON.stringify(token)).not.toContain('token-1');
  });
});
