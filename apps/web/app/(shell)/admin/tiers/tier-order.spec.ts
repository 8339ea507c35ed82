import { describe, expect, it } from '@jest/globals';
import type { Tier } from '@maas/contracts/tiers';
import { inOrderOf, moved } from './tier-order';

const tier = (name: string) => ({ name }) as Tier;
const namesOf = (tiers: readonly Tier[]) => tiers.map(({ name }) => name);

describe('the order of the tiers', () => {
  it('moves one by a place', () => {
    expect(moved(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 'b', 1)).toEqual(['a', 'c', 'b']);
  });

  it('stays as it is where there is no further place', () => {
    expect(moved(['a', 'b'], 'a', -1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 'b', 1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 'gone', 1)).toEqual(['a', 'b']);
  });

  it('takes in what was made meanwhile, at the end, and leaves out what was deleted', () => {
    const tiers = [tier('new'), tier('a'), tier('b')];
    expect(namesOf(inOrderOf(tiers, ['b', 'gone', 'a']))).toEqual(['b', 'a', 'new']);
  });
});
