import { describe, expect, it } from '@jest/globals';
import { type Answer, messagesOf, speedOf, type Turn, upToLastQuestion, withAnswer } from './conversation';

const answer = (id: number, text: string): Answer => ({
  role: 'assistant',
  id,
  model: 'simulator',
  text,
  state: 'done',
  figures: {},
});
const turns: Turn[] = [
  { role: 'user', id: 1, text: 'One' },
  answer(2, 'First'),
  { role: 'user', id: 3, text: 'Two' },
  answer(4, ''),
];

it('is sent without answers that never came', () =>
  expect(messagesOf(turns)).toEqual([
    { role: 'user', content: 'One' },
    { role: 'assistant', content: 'First' },
    { role: 'user', content: 'Two' },
  ]));

it('is asked again from its last question', () => {
  expect(upToLastQuestion(turns).map(({ id }) => id)).toEqual([1, 2, 3]);
  expect(upToLastQuestion([])).toEqual([]);
});

it('changes the one answer, and nothing that is gone', () => {
  const change = (one: Answer): Answer => ({ ...one, text: `${one.text}!` });
  expect(withAnswer(turns, 2, change).map(({ text }) => text)).toEqual(['One', 'First!', 'Two', '']);
  expect(withAnswer([], 2, change)).toEqual([]);
});

describe('the speed of an answer', () => {
  const usage = { prompt: 5, completion: 11, total: 16 };

  it('is counted from the first token to the last', () =>
    expect(speedOf({ firstTokenMs: 500, lastTokenMs: 1500, usage })).toBe(10));

  it('is not known of a single token, or without a count', () => {
    expect(speedOf({ firstTokenMs: 500, lastTokenMs: 500, usage })).toBe(undefined);
    expect(speedOf({ firstTokenMs: 500, lastTokenMs: 1500 })).toBe(undefined);
    expect(speedOf({ firstTokenMs: 1, lastTokenMs: 9, usage: { ...usage, completion: 1 } })).toBe(undefined);
  });
});
