import { describe, expect, it } from '@jest/globals';
import { AnswerFacts } from './answer-facts.js';

const factsOf = (...chunks: string[]) => {
  const facts = new AnswerFacts();
  for (const chunk of chunks) facts.take(Buffer.from(chunk));
  return facts;
};

describe('of an answer is known', () => {
  it('the model at its beginning and the reason at its end, however much is between', () => {
    const frame = 'data: {"model":"m-1","choices":[{"delta":{"content":"more"},"finish_reason":null}]}\n\n';
    const facts = factsOf(frame, ...Array.from({ length: 2000 }, () => frame), '{"finish_reason": "stop"}', '[DONE]');
    expect([facts.responseModel, facts.finishReasons]).toEqual(['m-1', ['stop']]);
  });

  it('a reason that came in two pieces', () => {
    expect(factsOf('{"finish_rea', 'son":"length"}').finishReasons).toEqual(['length']);
  });

  it('the reason of each of several choices, and that of Anthropic’s messages', () => {
    expect(factsOf('{"finish_reason":"stop"}', '{"finish_reason":"length"}').finishReasons).toEqual(['stop', 'length']);
    expect(factsOf('{"delta":{"stop_reason":"end_turn"}}').finishReasons).toEqual(['end_turn']);
  });

  it('nothing that is said within its text', () => {
    const text = JSON.stringify({ content: '"model":"secret" "finish_reason":"told"' });
    const facts = factsOf(text);
    expect([facts.responseModel, facts.finishReasons]).toEqual([undefined, []]);
  });

  it('nothing where nothing came', () => {
    expect([factsOf().responseModel, factsOf().finishReasons]).toEqual([undefined, []]);
  });
});
