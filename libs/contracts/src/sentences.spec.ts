import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { sentenceOf } from './sentences.js';

/** What is said of a value that a schema refuses. */
function said(schema: z.ZodType, value: unknown): string | undefined {
  const result = schema.safeParse(value, { error: sentenceOf });
  return result.error?.issues[0]?.message;
}

describe('a schema without words of its own', () => {
  it.each<[string, z.ZodType, unknown, string]>([
    ['what is missing', z.string(), undefined, 'is missing'],
    ['another kind', z.string(), 7, 'must be text'],
    ['what is no number', z.coerce.number(), 'x', 'must be a number'],
    ['a fraction', z.int(), 1.5, 'must be a whole number'],
    ['what is no list', z.array(z.string()), {}, 'must be a list'],
    ['too little', z.int().min(1), 0, 'must be at least 1'],
    ['too much', z.int().max(100), 101, 'must be at most 100'],
    ['an empty text', z.string().min(1), '', 'must not be empty'],
    ['a long text', z.string().max(3), 'four', 'must have at most 3 characters'],
    ['a long list', z.array(z.int()).max(1), [1, 2], 'must have at most 1 entry'],
    ['another word', z.enum(['asc', 'desc']), 'up', 'must be one of asc, desc'],
    ['a word that is the only one', z.literal(true), false, 'must be true'],
    ['what is no UUID', z.uuid(), 'x', 'must be a UUID'],
    ['an unknown field', z.strictObject({}), { nmae: 1 }, '"nmae" is not a field of this request; check the spelling'],
    [
      'unknown fields',
      z.strictObject({}),
      { a: 1, b: 2 },
      '"a", "b" are not fields of this request; check the spelling',
    ],
  ])('says of %s what is accepted', (_name, schema, value, sentence) => {
    expect(said(schema, value)).toBe(sentence);
  });

  it('does not overrule the words that a schema has', () => {
    expect(said(z.string().min(3, 'name is too short'), 'x')).toBe('name is too short');
  });
});
