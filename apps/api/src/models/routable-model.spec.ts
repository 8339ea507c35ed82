import { describe, expect, it } from '@jest/globals';
import { inListOrder, type RoutableModel } from './routable-model.js';

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
    sessionAffinity: 'none',
    tiers: new Set(),
    lowestTier: level === null ? null : { name: `level-${level}`, level },
    backends: [],
    ready,
  };
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
