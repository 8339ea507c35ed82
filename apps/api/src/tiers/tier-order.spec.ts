import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { levelsInOrder } from './tier-order.js';

describe('the levels of an order', () => {
  it('are those that there are, where they differ', () => {
    expect(levelsInOrder([0, 20, 10])).toEqual([20, 10, 0]);
    expect(levelsInOrder([-5, 7])).toEqual([7, -5]);
  });

  it('are new ones where two tiers are on one level', () => {
    expect(levelsInOrder([0, 0, 10])).toEqual([20, 10, 0]);
  });

  it('always descend, and leave an order alone that is one already', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (levels) => {
        const given = levelsInOrder(levels);
        for (const [index, level] of given.entries())
          if (index > 0) expect(level).toBeLessThan(given[index - 1] ?? NaN);
        expect(levelsInOrder(given)).toEqual(given);
      }),
    );
  });
});
