import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Placed, UnderWay } from './under-way.js';

describe('what is under way', () => {
  it('is whoever was added and not taken out, each once, whatever the order', () => {
    const turns = fc.array(fc.record({ adds: fc.boolean(), which: fc.nat(19) }), { maxLength: 200 });
    fc.assert(
      fc.property(turns, (steps) => {
        const all = Array.from({ length: 20 }, (): Placed => ({ place: -1 }));
        const underWay = new UnderWay<Placed>();
        const expected = new Set<Placed>();
        for (const { adds, which } of steps) {
          const member = all[which];
          if (!member) continue;
          if (!adds) underWay.delete(member);
          else if (!expected.has(member)) underWay.add(member);
          if (adds) expected.add(member);
          else expected.delete(member);
        }
        expect(underWay.size).toBe(expected.size);
        expect(new Set(underWay)).toEqual(expected);
      }),
    );
  });

  it('can be gone through while members come and go', () => {
    const underWay = new UnderWay<Placed>();
    const members = Array.from({ length: 5 }, (): Placed => ({ place: -1 }));
    for (const member of members) underWay.add(member);
    const seen: Placed[] = [];
    for (const member of underWay) {
      seen.push(member);
      underWay.delete(member);
      underWay.add({ place: -1 });
    }
    expect(seen).toEqual(members);
    expect(underWay.size).toBe(5);
  });
});
