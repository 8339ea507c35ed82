// @ts-check

/**
 * What every answer must be. An answer of errors is fast: without this the numbers would be worth nothing.
 * @typedef {object} Expectation
 * @property {'json' | 'events'} kind
 * @property {string} content of a whole answer; empty for a stream
 * @property {number} completionTokens
 * @property {number} events of a stream, `[DONE]` included; 0 for a whole answer
 */

/** An answer that is not what it must be. */
export class WrongAnswer extends Error {}

/**
 * @param {number} status
 * @param {string} head
 * @throws {WrongAnswer}
 */
export function requireOk(status, head) {
  if (status !== 200) throw new WrongAnswer(`status ${status}:\n${head}`);
}
