import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LARGEST_COUNT, readLastUsage, readUsage, type ReportedUsage } from './completion-meter.js';

const none: ReportedUsage = {
  promptTokens: undefined,
  completionTokens: undefined,
  largest: LARGEST_COUNT,
  isDoubtful: false,
};

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
