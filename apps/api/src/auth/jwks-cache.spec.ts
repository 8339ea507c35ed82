import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose';
import { JwksCache, KeysUnavailable } from './jwks-cache.js';

const keyOf = async (kid: string) => ({
  ...(await exportJWK((await generateKeyPair('EdDSA')).publicKey)),
  kid,
  alg: 'EdDSA',
});
const [A, B] = [await keyOf('a'), await keyOf('b')];

/** A provider that answers as it is told, and a time that stands still. */
function provider(published: JSONWebKeySet['keys'] | 'away') {
  const state = { published, asked: 0, now: 0 };
  const cache = new JwksCache(
    async () => {
      state.asked += 1;
      if (state.published === 'away') throw new Error('away');
      return { keys: state.published };
    },
    () => state.now,
  );
  const find = (kid: string) => cache.keyFor({ alg: 'EdDSA', kid }, { payload: '', signature: '' });
  return { state, find };
}

describe('the keys of a provider', () => {
  it('are fetched once for all who ask', async () => {
    const { state, find } = provider([A]);
    await Promise.all(Array.from({ length: 20 }, () => find('a')));
    await find('a');
    expect(state.asked).toBe(1);
  });

  it('are fetched again for one that is not known, at most once a minute, by however many', async () => {
    const { state, find } = provider([A]);
    await find('a');
    state.published = [B];
    await expect(find('b')).rejects.toThrow();
    state.now = 59_999;
    await expect(find('b')).rejects.toThrow();
    expect(state.asked).toBe(1);
    state.now = 60_000;
    await Promise.all([find('b'), find('b'), find('b')]);
    expect(state.asked).toBe(2);
    await expect(find('a')).rejects.toThrow();
  });

  it('are fetched again after ten minutes, and stay good when that fails', async () => {
    const { state, find } = provider([A]);
    await find('a');
    state.published = 'away';
    state.now = 600_000;
    await find('a');
    await find('a');
    expect(state.asked).toBe(2);
    state.published = [B];
    state.now = 660_000;
    await expect(find('a')).rejects.toThrow();
    await find('b');
  });

  it('that were never fetched are unavailable, and asked for again after a second', async () => {
    const { state, find } = provider('away');
    for (let turn = 0; turn < 3; turn += 1) await expect(find('a')).rejects.toThrow(KeysUnavailable);
    expect(state.asked).toBe(1);
    state.published = [A];
    state.now = 1000;
    await find('a');
  });

  it.each([{}, { keys: 'x' }, { keys: [7] }, null])('that are none, %j, do not replace those before', async (bad) => {
    const { state, find } = provider([A]);
    await find('a');
    const cache = new JwksCache(
      async () => bad as unknown as JSONWebKeySet,
      () => state.now,
    );
    await expect(cache.keyFor({ alg: 'EdDSA', kid: 'a' }, { payload: '', signature: '' })).rejects.toThrow(
      KeysUnavailable,
    );
  });
});
