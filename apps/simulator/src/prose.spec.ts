import { describe, expect, it } from '@jest/globals';
import { GREETINGS } from './phrases.js';
import { topicOf, writeProse } from './prose.js';
import { countTokens } from './tokens.js';

describe('writeProse', () => {
  it('answers a greeting with one of the short greetings, for every seed', () => {
    for (let seed = 0; seed < 200; seed++) {
      const answer = writeProse('Hello, how are you?', seed);
      expect(GREETINGS).toContain(answer);
      expect(countTokens(answer)).toBeLessThanOrEqual(25);
    }
  });

  it('gives the same answer for the same seed, and others for other seeds', () => {
    const answers = Array.from({ length: 50 }, (_, seed) => writeProse('What is a gateway?', seed));
    expect(answers.map((_, seed) => writeProse('What is a gateway?', seed))).toEqual(answers);
    expect(new Set(answers).size).toBe(50);
  });

  it('writes between 20 and 250 tokens when no length is asked for', () => {
    for (let seed = 0; seed < 200; seed++) {
      const tokens = countTokens(writeProse('What is the capital of France?', seed));
      expect(tokens).toBeGreaterThanOrEqual(20);
      expect(tokens).toBeLessThanOrEqual(250);
    }
  });

  it.each([0, 1, 100, 5_000])('writes at least %i tokens when asked', (tokens) => {
    expect(countTokens(writeProse('Hello', 7, tokens))).toBeGreaterThanOrEqual(tokens);
    expect(countTokens(writeProse('Hello', 7, tokens))).toBeLessThan(tokens + 40);
  });
});

describe('topicOf', () => {
  it('keeps the first telling words, once each', () => {
    expect(topicOf('What is the capital of France, and why is the capital Paris?')).toBe('capital France Paris');
    expect(topicOf('')).toBe('');
    expect(topicOf('is it?')).toBe('');
  });
});
