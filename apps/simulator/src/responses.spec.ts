import { describe, expect, it } from '@jest/globals';
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { ModelCatalogue } from './models.js';
import { answerResponse } from './responses.js';
import { countTokens } from './tokens.js';

const anyModel = new ModelCatalogue();

function respond(fields: object = {}): Response {
  return answerResponse({ model: 'simulator', input: 'What is a gateway?', ...fields }, anyModel).body() as Response;
}

function textOf(response: Response): string {
  const [item] = response.output;
  const [part] = item?.type === 'message' ? item.content : [];
  return part?.type === 'output_text' ? part.text : '';
}

function events(fields: object = {}): ResponseStreamEvent[] {
  const body = { model: 'simulator', input: 'What is a gateway?', stream: true, ...fields };
  const steps = [...(answerResponse(body, anyModel).steps?.() ?? [])];
  const frames = steps.flatMap((step) => step.frames.split('\n\n').filter(Boolean));
  return frames.map((text) => {
    const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(text) ?? [];
    const event = JSON.parse(data ?? '') as ResponseStreamEvent;
    expect(event.type).toBe(name);
    return event;
  });
}

describe('a response', () => {
  it('counts the instructions and the input, and the tokens of its text', () => {
    const response = respond({ instructions: 'Be brief' });
    const output = countTokens(textOf(response));
    const input = countTokens('Be brief') + countTokens('What is a gateway?');
    expect(response.usage).toMatchObject({
      input_tokens: input,
      output_tokens: output,
      total_tokens: input + output,
    });
    expect(response).toMatchObject({ object: 'response', status: 'completed', incomplete_details: null });
  });

  it('answers the same to a text and to the same text as an item', () => {
    const item = { role: 'user', content: [{ type: 'input_text', text: 'What is a gateway?' }] };
    expect(textOf(respond({ input: [item] }))).toBe(textOf(respond()));
  });

  it('is incomplete when it is cut by max_output_tokens', () => {
    expect(respond({ max_output_tokens: 4 })).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      usage: { output_tokens: 4 },
    });
  });

  it('fits the JSON schema of text.format', () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
    const response = respond({ text: { format: { type: 'json_schema', name: 'ok', schema } } });
    expect(JSON.parse(textOf(response))).toEqual({ ok: expect.any(Boolean) });
  });
});

describe('the stream of a response', () => {
  it('numbers the events, brings one delta a token, and ends with the whole response', () => {
    const list = events();
    expect(list.map((event) => event.sequence_number)).toEqual(list.map((_, index) => index));
    expect([...new Set(list.map((event) => event.type))]).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const deltas = list.flatMap((event) => (event.type === 'response.output_text.delta' ? event.delta : []));
    const last = list.at(-1);
    if (last?.type !== 'response.completed') throw new Error('the response was not completed');
    expect(textOf(last.response)).toBe(deltas.join(''));
    expect(last.response.usage?.output_tokens).toBe(deltas.length);
  });

  it('ends with response.incomplete when it is cut', () => {
    expect(events({ max_output_tokens: 2 }).at(-1)?.type).toBe('response.incomplete');
  });
});
