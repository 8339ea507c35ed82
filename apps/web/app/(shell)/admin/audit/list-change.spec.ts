import { describe, expect, it } from '@jest/globals';
import { listChange } from './list-change';

describe('the change of a list', () => {
  it('is what came and what went', () =>
    expect(listChange(['a', 'b'], ['b', 'c'])).toEqual({ added: ['c'], removed: ['a'] }));

  it('is none where it is not about texts, or about their order alone', () => {
    expect(listChange([1], [2])).toBeUndefined();
    expect(listChange('a', ['a'])).toBeUndefined();
    expect(listChange(['a', 'b'], ['b', 'a'])).toBeUndefined();
  });
});
