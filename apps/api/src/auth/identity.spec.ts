import { describe, expect, it } from '@jest/globals';
import { isOlder, saysTheSame } from './identity.js';

const known = { username: 'ana', email: null, groups: ['a', 'b'], role: 'user' } as const;
const facts = (changes: object = {}) => ({ ...known, groups: [...known.groups], ...changes });

describe('a word of the identity provider', () => {
  it('says the same where all that is kept is the same', () => {
    expect(saysTheSame(facts(), facts())).toBe(true);
  });

  it.each([
    { username: 'anna' },
    { email: 'ana@example.com' },
    { role: 'admin' },
    { groups: ['a'] },
    { groups: ['a', 'b', 'c'] },
    { groups: ['a', 'c'] },
    // A group's name may hold whatever the provider likes.
    { groups: ['a\nb'] },
  ])('says something else with %j', (changes) => {
    expect(saysTheSame(facts(), facts(changes))).toBe(false);
  });

  it('is older only where both are dated, and it is dated before', () => {
    const [one, other] = [new Date(1000), new Date(2000)];
    expect(isOlder(one, other)).toBe(true);
    for (const [said, was] of [
      [one, one],
      [other, one],
      [null, other],
      [one, null],
      [null, null],
    ] as const) {
      expect(isOlder(said, was)).toBe(false);
    }
  });
});
