import { describe, expect, it } from '@jest/globals';
import { composeAnswer, type AnswerRequest } from './answer.js';

const request: AnswerRequest = { message: 'What is a gateway?', seed: 3, form: { kind: 'text' } };
const text = composeAnswer(request).tokens.join('');

describe('composeAnswer', () => {
  it('ends by itself with "stop", also when the limit equals the natural length', () => {
    const natural = composeAnswer(request);
    expect(natural.finish).toBe('stop');
    expect(composeAnswer({ ...request, maxTokens: natural.tokens.length })).toEqual(natural);
  });

  it('is cut after max tokens with "length", and is then the beginning of the whole answer', () => {
    const cut = composeAnswer({ ...request, maxTokens: 7 });
    expect(cut).toMatchObject({ finish: 'length', tokens: { length: 7 } });
    expect(text.startsWith(cut.tokens.join(''))).toBe(true);
  });

  it.each([0, 1, 10, 1_000])('has exactly %i tokens when that length is asked for', (exactTokens) => {
    expect(composeAnswer({ ...request, exactTokens })).toMatchObject({
      finish: 'stop',
      tokens: { length: exactTokens },
    });
  });

  it('prefers max tokens to the exact length', () => {
    expect(composeAnswer({ ...request, exactTokens: 50, maxTokens: 20 })).toMatchObject({
      finish: 'length',
      tokens: { length: 20 },
    });
  });

  it('ends before the earliest stop sequence, also one inside a token', () => {
    const inside = text.slice(12, 15);
    const answer = composeAnswer({ ...request, stop: ['not in there', inside, text.slice(30, 40)] });
    expect(answer.tokens.join('')).toBe(text.slice(0, text.indexOf(inside)));
    expect(answer.finish).toBe('stop');
  });

  it('calls a tool with arguments that are a JSON object, even without declared parameters', () => {
    const answer = composeAnswer({ ...request, form: { kind: 'tool', name: 'now', parameters: undefined } });
    expect(answer).toMatchObject({ finish: 'tool_calls', tool: 'now' });
    expect(JSON.parse(answer.tokens.join(''))).toEqual({});
  });

  it('writes a JSON object when JSON of any shape is asked for', () => {
    const answer = composeAnswer({ ...request, form: { kind: 'json', schema: undefined } });
    expect(JSON.parse(answer.tokens.join(''))).toMatchObject({ answer: expect.any(String) });
  });
});
