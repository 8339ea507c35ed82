// @ts-check
import { requireOk, WrongAnswer } from './expectation.mjs';

/** @typedef {import('./answer-parser.mjs').Receiver} Receiver */

/**
 * Receives an answer that is not streamed, and checks its text and its usage.
 * @implements {Receiver}
 */
export class WholeAnswer {
  #text = '';

  /**
   * @param {import('./expectation.mjs').Expectation} expected
   * @param {() => void} onEnd called before the check, so that the check is not in the latency
   */
  constructor(expected, onEnd) {
    this.onEnd = onEnd;
    this.completionTokens = expected.completionTokens;
    // Bytes are read as latin1: faster, and no character can be cut in two. So the expected text is made to look the same.
    this.content = Buffer.from(expected.content).toString('latin1');
  }

  /**
   * @param {number} status
   * @param {string} head
   */
  head(status, head) {
    requireOk(status, head);
    this.#text = '';
  }

  /** @param {Buffer} bytes */
  body(bytes) {
    this.#text += bytes.toString('latin1');
  }

  end() {
    const text = this.#text;
    this.onEnd();
    const answer = JSON.parse(text);
    if (answer.choices[0].message.content !== this.content) throw new WrongAnswer(`another text: ${text}`);
    if (answer.usage.completion_tokens !== this.completionTokens) throw new WrongAnswer(`usage: ${text}`);
  }
}
