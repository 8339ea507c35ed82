import { describe, expect, it } from '@jest/globals';
import { chooseBackend, inListOrder, type RoutableBackend, type RoutableModel } from './routable-model.js';

function model(id: string, level: number | null, ready = true): RoutableModel {
  return {
    id,
    name: id,
    description: null,
    ownedBy: 'maas',
    created: 0,
    contextWindow: null,
    maxOutputTokens: null,
    capabilities: [],
    tiers: new Set(),
    lowestTier: level === null ? null : { name: `level-${level}`, level },
    backends: [],
    ready,
  };
}

function backend(id: string, weight: number): RoutableBackend {
  return { id, origin: 'http://127.0.0.1', basePath: '/v1', upstreamModel: null, authorization: null, weight };
}

describe('the order of the list', () => {
  it('is ready first, then by the level of the lowest tier, then by id', () => {
    const expected = [
      model('b', -5),
      model('A', 0),
      model('a', 0),
      model('c', 10),
      model('d', null),
      model('e', null),
      model('0', 0, false),
      model('1', null, false),
    ];
    const ids = expected.map(({ id }) => id);
    for (let turn = 0; turn < expected.length; turn += 1) {
      const turned = [...expected.slice(turn), ...expected.slice(0, turn)];
      expect(turned.sort(inListOrder).map(({ id }) => id)).toEqual(ids);
      expect(
        turned
          .reverse()
          .sort(inListOrder)
          .map(({ id }) => id),
      ).toEqual(ids);
    }
  });
});

describe('choosing a backend', () => {
  it('has none to choose when there is none', () => {
    expect(chooseBackend([], 0.5)).toBeUndefined();
  });

  it('chooses the only one, whatever its weight', () => {
    expect(chooseBackend([backend('only', 1000)], 0.999)?.id).toBe('only');
  });

  it('gives each exactly its share of the range', () => {
    const backends = [backend('a', 1), backend('b', 3), backend('c', 6)];
    const chosen = { a: 0, b: 0, c: 0 };
    for (let step = 0; step < 1000; step += 1) {
      chosen[chooseBackend(backends, step / 1000)?.id as keyof typeof chosen] += 1;
    }
    expect(chosen).toEqual({ a: 100, b: 300, c: 600 });
  });

  it('never falls off the end of the range', () => {
    const backends = [backend('a', 0.1), backend('b', 0.2), backend('c', 0.7)];
    expect(chooseBackend(backends, 1 - Number.EPSILON / 2)?.id).toBe('c');
    expect(chooseBackend(backends, 0)?.id).toBe('a');
  });
});
