import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CompletionMeter,
  LARGEST_COUNT,
  nothingReported,
  readLastUsage,
  readUsage,
  type ReportedUsage,
} from './completion-meter.js';

const none = nothingReported(LARGEST_COUNT);

function lastUsage(text: string): ReportedUsage {
  const usage = { ...none };
  readLastUsage(Buffer.from(text), usage);
  return usage;
}

/** What parsing the whole answer gives. */
function wholeUsage(text: string): ReportedUsage {
  const usage = { ...none };
  readUsage(JSON.parse(text) as Record<string, unknown>, usage);
  return usage;
}

/** Values of which some look like a usage that is none, as text and as fields of something else. */
const usage = fc.record({ prompt_tokens: fc.nat(1000), completion_tokens: fc.nat(1000) });
const value = fc.oneof(
  fc.jsonValue(),
  usage,
  fc.record({ usage }),
  fc.array(fc.record({ usage })),
  fc.constantFrom('"usage":{"prompt_tokens":1,"completion_tokens":2}}', '}', '\\', 'ü"'),
);
const answer = fc.dictionary(fc.constantFrom('id', 'usage', 'choices', 'model', 'us"age', 'system_fingerprint'), value);

describe('what Anthropic counts apart, because it was in the prompt cache', () => {
  const anthropic = {
    input_tokens: 9,
    cache_read_input_tokens: 100,
    cache_creation_input_tokens: 20,
    output_tokens: 4,
  };
  const after = (...events: object[]) => {
    const meter = new CompletionMeter(false);
    for (const event of events) meter.pass(Buffer.from(`data: ${JSON.stringify(event)}\n\n`));
    return [meter.reported.promptTokens, meter.reported.completionTokens];
  };
  const start = { type: 'message_start', message: { usage: anthropic } };

  it('is of the prompt all the same', () => {
    expect(wholeUsage(JSON.stringify({ usage: anthropic }))).toMatchObject({ promptTokens: 129, completionTokens: 4 });
    expect(lastUsage(JSON.stringify({ usage: { ...anthropic, cache_creation: { ephemeral: 20 } } }))).toMatchObject({
      promptTokens: 129,
      completionTokens: 4,
    });
    const nulls = { ...anthropic, cache_read_input_tokens: null, cache_creation_input_tokens: null };
    expect(wholeUsage(JSON.stringify({ usage: nulls }))).toMatchObject({ promptTokens: 9, isDoubtful: false });
  });

  it.each([
    [{ output_tokens: 7 }, 129],
    [{ input_tokens: 9, output_tokens: 7 }, 129],
    [{ cache_read_input_tokens: 150, output_tokens: 7 }, 179],
    [{ ...anthropic, output_tokens: 7 }, 129],
  ])('is counted once, whatever of it a later event says: %j', (later, prompt) => {
    expect(after(start, { type: 'message_delta', usage: later })).toEqual([prompt, 7]);
  });

  it('is not added where the whole prompt was counted', () => {
    const responses = { input_tokens: 120, input_tokens_details: { cached_tokens: 100 }, output_tokens: 4 };
    expect(after({ type: 'response.completed', response: { usage: responses } })).toEqual([120, 4]);
    const chat = { prompt_tokens: 120, cache_read_input_tokens: 100, completion_tokens: 4 };
    expect(after({ choices: [], usage: chat })).toEqual([120, 4]);
  });

  it('is not believed beyond what can be', () => {
    const beyond = { ...anthropic, cache_read_input_tokens: LARGEST_COUNT };
    expect(wholeUsage(JSON.stringify({ usage: beyond }))).toMatchObject({ promptTokens: undefined, isDoubtful: true });
  });
});

describe('an answer that nothing but its reasons ends', () => {
  const choice = (index: number, finish_reason: string | null) => ({ index, delta: { content: 'x' }, finish_reason });
  const isEnded = (choices: number, ...events: object[]) => {
    const meter = new CompletionMeter(false, LARGEST_COUNT, choices);
    meter.pass(Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')));
    return meter.hasReasons;
  };

  it('has one for each of its choices', () => {
    expect(isEnded(1, { choices: [choice(0, 'stop')] })).toBe(true);
    expect(isEnded(2, { choices: [choice(0, 'stop')] }, { choices: [choice(1, null)] })).toBe(false);
    expect(isEnded(2, { choices: [choice(1, 'stop')] }, { choices: [choice(1, 'stop')] })).toBe(false);
    expect(isEnded(2, { choices: [choice(0, 'stop')] }, { choices: [choice(1, 'length')] })).toBe(true);
    expect(isEnded(2, { choices: [choice(0, 'stop'), choice(1, 'stop')] })).toBe(true);
  });

  it('has one where the server makes a single choice, whatever it is asked for', () => {
    expect(isEnded(2, { choices: [choice(0, null)] }, { choices: [choice(0, 'stop')] })).toBe(true);
  });

  it('has none in what is empty, or is the text of an answer', () => {
    expect(isEnded(1, { choices: [choice(0, null)] }, { choices: [choice(0, '')] })).toBe(false);
    expect(isEnded(1, { choices: [{ delta: { content: '"finish_reason":"stop"' } }] })).toBe(false);
    expect(isEnded(1, { finish_reason: 'stop' })).toBe(false);
  });
});

describe('the usage at the end of an answer', () => {
  it('is the one that parsing all of it gives, or is not read at all', () => {
    fc.assert(
      fc.property(answer, fc.constantFrom(undefined, 1, '\t'), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const found = lastUsage(text);
        if (found.promptTokens !== undefined || found.completionTokens !== undefined) {
          expect(found).toEqual(wholeUsage(text));
        }
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['as vLLM writes it', '{"choices":[],"usage":{"prompt_tokens":3,"total_tokens":7,"completion_tokens":4}}'],
    [
      'before plain fields, with details',
      '{"usage":{"prompt_tokens":3,"completion_tokens":4,"completion_tokens_details":{"reasoning_tokens":1}},"service_tier":"default","system_fingerprint":null}',
    ],
    ['with white space', '{ "usage" : { "prompt_tokens" : 3, "completion_tokens" : 4 } }\n'],
  ])('is found without parsing the rest: %s', (_what, text) => {
    expect(lastUsage(text)).toMatchObject({ promptTokens: 3, completionTokens: 4, isDoubtful: false });
  });

  it.each([
    ['of a choice', '{"choices":[{"usage":{"prompt_tokens":3,"completion_tokens":4}}]}'],
    ['of another field', '{"x":{"usage":{"prompt_tokens":3,"completion_tokens":4}}}'],
    ['in a text', JSON.stringify({ content: '"usage":{"prompt_tokens":3,"completion_tokens":4}}' })],
  ])('is not one %s', (_what, text) => {
    expect(lastUsage(text)).toEqual(none);
  });
});
