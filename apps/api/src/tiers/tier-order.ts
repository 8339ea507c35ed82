const STEP = 10;

/**
 * The levels that put tiers into an order. The levels that there are change hands where they all differ, so that a tier
 * which keeps its place keeps its level; otherwise they are given out anew in tens.
 * @param wished the tiers' levels as they are, in the order that is wanted: the one that wins first
 * @returns the new levels, in the same order
 */
export function levelsInOrder(wished: readonly number[]): number[] {
  const descending = wished.toSorted((a, b) => b - a);
  const differ = new Set(descending).size === descending.length;
  return differ ? descending : descending.map((_, index) => (descending.length - 1 - index) * STEP);
}
