import { describe, expect, it, jest } from '@jest/globals';
import { NoRoom, Slots } from './slots.js';

function held(slots: Slots) {
  let running = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const run = () =>
    slots.run(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((end) => ends.push(end));
      running -= 1;
      return 'done';
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { run, ends, settle, most: () => most };
}

describe('slots', () => {
  it('are never taken by more than there are, and everybody in line comes in', async () => {
    const { run, ends, settle, most } = held(new Slots(2, 10, 60_000));
    const all = Promise.all(Array.from({ length: 7 }, run));
    for (let ended = 0; ended < 7; ended += 1) {
      await settle();
      ends.shift()?.();
    }
    expect(await all).toEqual(Array.from({ length: 7 }, () => 'done'));
    expect(most()).toBe(2);
  });

  it('turn away whoever finds the line full, and no one once it is shorter', async () => {
    const { run, ends, settle } = held(new Slots(1, 1, 60_000));
    const [first, second] = [run(), run()];
    await expect(run()).rejects.toThrow(NoRoom);
    await settle();
    ends.shift()?.();
    await first;
    const third = run();
    await settle();
    ends.shift()?.();
    await second;
    await settle();
    ends.shift()?.();
    expect(await third).toBe('done');
  });

  it('turn away whoever has waited too long, so that those behind come in', async () => {
    const now = jest.spyOn(performance, 'now').mockReturnValue(0);
    const { run, ends, settle } = held(new Slots(1, 10, 5000));
    const [first, late] = [run(), run()];
    now.mockReturnValue(4000);
    const third = run();
    await settle();
    now.mockReturnValue(5000);
    ends.shift()?.();
    await expect(late).rejects.toThrow(NoRoom);
    await settle();
    ends.shift()?.();
    expect(await Promise.all([first, third])).toEqual(['done', 'done']);
    now.mockRestore();
  });

  it('are free again after a failure', async () => {
    const slots = new Slots(1, 0, 60_000);
    await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots.run(async () => 1)).toBe(1);
  });
});
