// @ts-check
import { parseArgs } from 'node:util';
import { figures } from './figures.mjs';

export const usage = `npm run scorecard -- [options]
  --short        within three minutes, for a look or for CI
  --only S2,S5   some of the figures: ${figures.map(({ id }) => id).join(', ')}
  --seed N       the instants of kills and the inputs of an earlier run`;

const LARGEST_SEED = 2 ** 31;

/**
 * Reads the command line.
 * @param {string[]} args
 * @returns {{ isShort: boolean; chosen: readonly import('./figures.mjs').Figure[]; seed: number }}
 * @throws {Error} that says what is wrong
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      short: { type: 'boolean', default: false },
      only: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const seed = values.seed === undefined ? Math.floor(Math.random() * LARGEST_SEED) : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= LARGEST_SEED)
    throw new Error(`--seed takes a whole number below ${LARGEST_SEED}, not ${values.seed}`);
  const chosen = values.only === undefined ? figures : values.only.split(',').map(figureOf);
  return { isShort: values.short, chosen, seed };
}

/** @param {string} text */
function figureOf(text) {
  const found = figures.find(({ id }) => id.toLowerCase() === text.trim().toLowerCase());
  if (found) return found;
  throw new Error(`--only takes ${figures.map(({ id }) => id).join(', ')}, separated by commas, not ${text}`);
}
