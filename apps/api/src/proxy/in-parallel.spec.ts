import { describe, expect, it } from '@jest/globals';
import { inParallel } from './in-parallel.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('work in parallel', () => {
  it('keeps the order, and never has more under way than it may', async () => {
    let running = 0;
    let most = 0;
    const doubled = await inParallel([5, 1, 4, 2, 3, 0], 2, async (turns) => {
      running += 1;
      most = Math.max(most, running);
      for (let left = turns; left > 0; left -= 1) await turn();
      running -= 1;
      return turns * 2;
    });
    expect([doubled, most]).toEqual([[10, 2, 8, 4, 6, 0], 2]);
  });

  it('begins nothing more after a failure', async () => {
    const begun: number[] = [];
    const all = inParallel([1, 2, 3, 4], 1, async (item) => {
      begun.push(item);
      if (item === 2) throw new Error('no');
    });
    await expect(all).rejects.toThrow('no');
    expect(begun).toEqual([1, 2]);
  });

  it('of nothing is nothing', async () => expect(await inParallel([], 3, async () => 1)).toEqual([]));
});
