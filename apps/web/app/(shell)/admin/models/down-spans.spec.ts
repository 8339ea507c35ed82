import { describe, expect, it } from '@jest/globals';
import { downSpans } from './down-spans';

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const down = (from: number, to: number | null, backend = 'a') =>
  ({ backend, state: 'down', at: at(from), until: to === null ? null : at(to) }) as const;
const window = { from: 10 * 60_000, to: 100 * 60_000 };
const minutes = (spans: { from: number; to: number }[]) => spans.map(({ from, to }) => [from / 60_000, to / 60_000]);

describe('the times that a backend was down', () => {
  it('are cut to the window, and last to its end when it is not back', () =>
    expect(minutes(downSpans([down(95, null), down(0, 20)], 'a', window))).toEqual([
      [10, 20],
      [95, 100],
    ]));

  it('are one where several processes saw the same', () =>
    expect(minutes(downSpans([down(30, 40), down(35, 50), down(50, 52)], 'a', window))).toEqual([[30, 52]]));

  it('are of this backend, and not of when it was up', () => {
    const up = { backend: 'a', state: 'up', at: at(20), until: at(30) } as const;
    expect(downSpans([down(20, 30, 'b'), up, down(0, 5)], 'a', window)).toEqual([]);
  });
});
