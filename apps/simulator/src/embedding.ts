import { createRandom, hashText } from './random.js';
import { tokenize } from './tokens.js';

/** Places of a vector that one token marks. */
const PLACES_PER_TOKEN = 8;
/** Keeps every component away from zero without hiding the tokens. */
const NOISE = 0.01;

/**
 * A vector of length 1 for a text or a list of token ids, the same in every process. Texts that share words point in
 * similar directions, so that a search over simulated embeddings finds something.
 */
export function embed(input: string | readonly number[], model: string, dimensions: number): Float32Array {
  const tokens =
    typeof input === 'string' ? tokenize(input).map((token) => token.trim().toLowerCase()) : input.map(String);
  const background = createRandom(hashText(`${model}\0${tokens.join('\0')}`));
  const vector = Float64Array.from({ length: dimensions }, () => NOISE * (background() - 0.5));
  for (const token of tokens) {
    const random = createRandom(hashText(`${model}\0${token}`));
    for (let mark = 0; mark < PLACES_PER_TOKEN; mark++) {
      const place = Math.floor(random() * dimensions);
      vector[place] = (vector[place] ?? 0) + (random() < 0.5 ? -1 : 1);
    }
  }
  const length = Math.sqrt(vector.reduce((sum, component) => sum + component * component, 0));
  return Float32Array.from(vector, (component) => component / length);
}
