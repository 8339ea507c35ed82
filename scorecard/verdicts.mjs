// @ts-check
import { targets } from './targets.mjs';

/** @typedef {'yes' | 'NO' | 'not measured'} Met */

/**
 * @typedef {object} Verdict
 * @property {string} id
 * @property {string} figure
 * @property {string} target
 * @property {string} source
 * @property {number | undefined} value
 * @property {string} result
 * @property {string} note of how much, and how it spreads
 * @property {Met} met
 */

/**
 * Holds what was measured against the targets.
 * @param {readonly import('./take-figure.mjs').Taken[]} taken
 * @param {readonly string[]} omitted ids of figures that this form of a run leaves out
 * @returns {Verdict[]}
 */
export function verdicts(taken, omitted) {
  return targets.flatMap((target) => {
    const { id, key, figure, is, aim, unit, source } = target;
    const common = { id, figure, target: `${is === '=' ? '' : `${is} `}${aim} ${unit}`.trim(), source };
    if (omitted.includes(id))
      return [{ ...common, value: undefined, result: 'not measured: only as a whole', note: '', met: 'not measured' }];
    const of = taken.find((each) => each.id === id);
    return of ? [{ ...common, ...judged(target, key, of) }] : [];
  });
}

/**
 * @param {import('./targets.mjs').Target} target
 * @param {string} key
 * @param {import('./take-figure.mjs').Taken} taken
 * @returns {Pick<Verdict, 'value' | 'result' | 'note' | 'met'>}
 */
function judged(target, key, { values, failure }) {
  const found = values.find((each) => each.key === key);
  if (!found) {
    const why = failure ? firstLine(failure) : 'nothing was said of it';
    return { value: undefined, result: 'could not be taken', note: why, met: 'NO' };
  }
  if ('absent' in found)
    return { value: undefined, result: `not measured: ${found.absent}`, note: '', met: 'not measured' };
  const { value, note } = found;
  return { value, result: `${shown(value)} ${target.unit}`.trim(), note, met: isMet(target, value) ? 'yes' : 'NO' };
}

/**
 * @param {import('./targets.mjs').Target} target
 * @param {number} value
 */
function isMet({ is, aim }, value) {
  if (is === '=') return value === aim;
  if (is === '<') return value < aim;
  return is === '≤' ? value <= aim : value >= aim;
}

/** @param {number} value never rounded to what it is not: 99.996 % is not 100 % */
function shown(value) {
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) > 99 ? 3 : 2);
}

/** @param {string} text */
function firstLine(text) {
  const lines = text.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /error|not within|expected/i.test(line)) ??
    lines.find((line) => line !== '') ??
    'it ended without a word'
  );
}

/** @param {readonly Verdict[]} all */
export const isAsAimed = (all) => all.every(({ met }) => met === 'yes' || met === 'not measured');
