import { describe, expect, it } from '@jest/globals';
import { jtisFrom } from './token-listing.js';

describe('the beginning of a jti', () => {
  it.each([
    ['0198', '01980000-0000-0000-0000-000000000000', '0198ffff-ffff-ffff-ffff-ffffffffffff'],
    ['0198C0DE', '0198c0de-0000-0000-0000-000000000000', '0198c0de-ffff-ffff-ffff-ffffffffffff'],
    ['0198c0de-70', '0198c0de-7000-0000-0000-000000000000', '0198c0de-70ff-ffff-ffff-ffffffffffff'],
    ['0198c0de-', '0198c0de-0000-0000-0000-000000000000', '0198c0de-ffff-ffff-ffff-ffffffffffff'],
  ])('%s is a range of them', (search, gte, lte) => {
    expect(jtisFrom(search)).toEqual([{ jti: { gte, lte } }]);
  });

  it('may be all of it', () => {
    const jti = '0198c0de-0000-7000-8000-00000000abcd';
    expect(jtisFrom(jti)).toEqual([{ jti: { gte: jti, lte: jti } }]);
  });

  it.each(['zoe', '0198c0de70', '0198-c0de', '0198c0de-7-00', 'token', '', '0198c0de-0000-7000-8000-00000000abcd0'])(
    'is not %j',
    (search) => expect(jtisFrom(search)).toEqual([]),
  );
});
