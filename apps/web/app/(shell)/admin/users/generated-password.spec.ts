import { describe, expect, it } from '@jest/globals';
import { generatedPassword } from './generated-password';

describe('a generated password', () => {
  it('has four groups of five letters, none of which looks like another', () =>
    expect(generatedPassword()).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{5}(?:-[a-km-zA-HJ-NP-Z2-9]{5}){3}$/));

  it('is another one each time', () => expect(new Set(Array.from({ length: 200 }, generatedPassword)).size).toBe(200));
});
