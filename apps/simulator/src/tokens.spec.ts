import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countTokens, tokenize } from './tokens.js';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(' ', 'a', 'Z', '7', '\n', '.', 'é', '漢', '🙂'), maxLength: 200 }),
);

describe('tokenize', () => {
  it('splits words, numbers, blanks and single signs as documented', () => {
    expect(tokenize('Hello, how are you?')).toEqual(['Hello', ',', ' how', ' are', ' you', '?']);
    expect(tokenize('understanding 12345')).toEqual(['unders', 'tandin', 'g', ' ', '123', '45']);
    expect(tokenize('a  b\n\nc')).toEqual(['a', '  ', 'b', '\n\n', 'c']);
    expect(tokenize('漢字🙂')).toEqual(['漢', '字', '🙂']);
    expect(tokenize('')).toEqual([]);
  });

  it('loses nothing: the tokens joined are the text', () => {
    fc.assert(fc.property(anyText, (text) => expect(tokenize(text).join('')).toBe(text)));
  });

  it('never makes more tokens than the text has UTF-8 bytes', () => {
    fc.assert(
      fc.property(anyText, (text) => expect(tokenize(text).length).toBeLessThanOrEqual(Buffer.byteLength(text))),
    );
  });

  it('counts the first k tokens of any text as exactly k tokens', () => {
    fc.assert(
      fc.property(anyText, fc.nat(50), (text, k) => {
        const first = tokenize(text).slice(0, k);
        expect(tokenize(first.join(''))).toEqual(first);
      }),
    );
  });

  it('makes about one token of four characters of English prose', () => {
    const prose =
      'The platform gives every team access to language models through one gateway. Requests are counted against ' +
      'the limits of a tier, and the tokens of each answer are metered as they pass, so that a report shows who used what.';
    const perToken = prose.length / countTokens(prose);
    expect(perToken).toBeGreaterThan(3.5);
    expect(perToken).toBeLessThan(5);
  });
});

describe('countTokens', () => {
  it('agrees with tokenize on every text', () => {
    fc.assert(fc.property(anyText, (text) => expect(countTokens(text)).toBe(tokenize(text).length)));
  });
});
