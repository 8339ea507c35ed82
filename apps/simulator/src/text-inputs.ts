import * as z from 'zod';
import { countTokens } from './tokens.js';

const tokenIds = z.array(z.int().min(0)).min(1);

/** `input` of embeddings and `prompt` of completions: one text, several, one list of token ids, or several; always read as a list. */
export const textInputsSchema = z
  .union([z.string(), tokenIds, z.array(z.string()).min(1).max(2048), z.array(tokenIds).min(1).max(2048)], {
    error: 'expected a string, an array of strings, or one or several arrays of token ids',
  })
  .transform((input): (string | number[])[] => {
    if (typeof input === 'string') return [input];
    const isIds = (list: typeof input): list is number[] => typeof list[0] === 'number';
    return isIds(input) ? [input] : input;
  });

/** A list of token ids has as many tokens as ids. */
export function tokensOf(input: string | readonly number[]): number {
  return typeof input === 'string' ? countTokens(input) : input.length;
}
