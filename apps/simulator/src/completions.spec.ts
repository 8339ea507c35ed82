import { describe, expect, it } from '@jest/globals';
import type { Completion } from 'openai/resources/completions';
import { answerCompletion } from './completions.js';
import { ModelCatalogue } from './models.js';

const anyModel = new ModelCatalogue();

function complete(fields: object): Completion {
  return answerCompletion({ model: 'simulator', ...fields }, anyModel).body() as Completion;
}

describe('a text completion', () => {
  it('stops after 16 tokens when the request sets no limit, as at OpenAI', () => {
    const { choices, usage } = complete({ prompt: 'Tell me about limits', simulator: { tokens: 40 } });
    expect(choices[0]?.finish_reason).toBe('length');
    expect(usage).toMatchObject({ prompt_tokens: 4, completion_tokens: 16, total_tokens: 20 });
  });

  it('accepts a text, texts, token ids and lists of token ids, and gives n choices for each', () => {
    const shapes: [unknown, number, number][] = [
      ['one', 1, 1],
      [['one', 'two'], 2, 2],
      [[1, 2, 3], 1, 3],
      [[[1, 2], [3]], 2, 3],
    ];
    for (const [prompt, choices, tokens] of shapes) {
      const answer = complete({ prompt, n: 2 });
      expect(answer.choices.map((choice) => choice.index)).toEqual(Array.from({ length: choices * 2 }, (_, i) => i));
      expect(answer.usage?.prompt_tokens).toBe(tokens);
    }
  });

  it('gives log probabilities with the offset of every token in the text', () => {
    const [choice] = complete({ prompt: 'Hello', logprobs: 2 }).choices;
    const { tokens = [], text_offset: offsets = [], token_logprobs: scores = [] } = choice?.logprobs ?? {};
    expect(scores).toHaveLength(tokens.length);
    tokens.forEach((token, index) => expect(choice?.text.startsWith(token, offsets[index])).toBe(true));
  });

  it('streams the same text, then the finish, the usage and [DONE]', () => {
    const fields = { prompt: 'Tell me', stream: true, stream_options: { include_usage: true } };
    const steps = [...(answerCompletion({ model: 'simulator', ...fields }, anyModel).steps?.() ?? [])];
    const frames = steps.map((step) => step.frames.trim().replace('data: ', ''));
    expect(frames.pop()).toBe('[DONE]');
    const chunks = frames.map((text) => JSON.parse(text) as Completion);
    const whole = complete({ prompt: 'Tell me' });
    expect(chunks.pop()).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks.map((chunk) => chunk.choices[0]?.text).join('')).toBe(whole.choices[0]?.text);
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ text: '', finish_reason: 'length' });
  });
});
