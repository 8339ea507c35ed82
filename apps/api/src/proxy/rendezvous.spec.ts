import { describe, expect, it } from '@jest/globals';
import { hash32, scoreOf } from './rendezvous.js';

const KEYS = 20_000;
const keys = Array.from({ length: KEYS }, (_, index) => hash32(`conversation ${index}`, 1));
const homeOf = (key: number, nodes: Readonly<Record<string, number>>) =>
  Object.entries(nodes)
    .map(([node, weight]) => ({ node, score: scoreOf(key, node, weight) }))
    .reduce((best, each) => (each.score > best.score ? each : best)).node;
const homes = (nodes: Readonly<Record<string, number>>) => keys.map((key) => homeOf(key, nodes));

describe('rendezvous hashing', () => {
  it('gives each node keys in proportion to its weight', () => {
    const nodes = { a: 1, b: 2, c: 3, d: 4 };
    const found = homes(nodes);
    for (const [node, weight] of Object.entries(nodes)) {
      const part = found.filter((home) => home === node).length / KEYS;
      expect(Math.abs(part - weight / 10)).toBeLessThan(0.015);
    }
  });

  it('moves the keys of a node that goes, in proportion to the weights of the others, and no other key', () => {
    const before = homes({ a: 1, b: 2, c: 3 });
    const after = homes({ a: 1, b: 2 });
    const moved = before.flatMap((home, index) => (home === after[index] ? [] : [{ home, to: after[index] }]));
    expect(moved.every(({ home }) => home === 'c')).toBe(true);
    expect(moved).toHaveLength(before.filter((home) => home === 'c').length);
    expect(Math.abs(moved.filter(({ to }) => to === 'b').length / moved.length - 2 / 3)).toBeLessThan(0.02);
  });

  it('moves keys only to a node whose weight has grown', () => {
    const before = homes({ a: 1, b: 1, c: 1 });
    const after = homes({ a: 1, b: 1, c: 2 });
    const moved = after.filter((home, index) => home !== before[index]);
    expect(moved.length).toBeGreaterThan(0);
    expect(new Set(moved)).toEqual(new Set(['c']));
  });

  it('is the same in every process, and at every start', () => {
    expect([hash32('', 0), hash32('conversation', 1), hash32('Gespräch ☕', 2)]).toEqual([
      2_872_998_923, 2_093_447_327, 3_089_372_471,
    ]);
  });
});
