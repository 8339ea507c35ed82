// @ts-check
import { requireOk, WrongAnswer } from './expectation.mjs';

/** @typedef {import('./answer-parser.mjs').Receiver} Receiver */

const LF = 0x0a;
const DONE = Buffer.from('data: [DONE]\n\n');
const BLANK_LINE = Buffer.from('\n\n');

/**
 * Receives a stream of server-sent events, counts them, and checks their number and that `[DONE]` is the last.
 * @implements {Receiver}
 */
export class EventStream {
  #events = 0;
  #endsWithLf = false;
  #tail = Buffer.alloc(DONE.length);

  /**
   * @param {import('./expectation.mjs').Expectation} expected
   * @param {(events: number) => void} onEvents
   * @param {() => void} onEnd
   */
  constructor(expected, onEvents, onEnd) {
    this.expected = expected;
    this.onEvents = onEvents;
    this.onEnd = onEnd;
  }

  /**
   * @param {number} status
   * @param {string} head
   */
  head(status, head) {
    requireOk(status, head);
    this.#events = 0;
    this.#endsWithLf = false;
  }

  /** @param {Buffer} bytes */
  body(bytes) {
    let found = 0;
    // A blank line that was cut in two between the pieces.
    if (this.#endsWithLf && bytes[0] === LF) found += 1;
    for (let at = bytes.indexOf(BLANK_LINE); at >= 0; at = bytes.indexOf(BLANK_LINE, at + 2)) found += 1;
    this.#endsWithLf = bytes[bytes.length - 1] === LF && bytes[bytes.length - 2] !== LF;
    this.#keepTail(bytes);
    this.#events += found;
    if (found > 0) this.onEvents(found);
  }

  end() {
    if (this.#events !== this.expected.events || !this.#tail.equals(DONE)) {
      throw new WrongAnswer(
        `${this.#events} events instead of ${this.expected.events}, the last: ${this.#tail.toString('latin1')}`,
      );
    }
    this.onEnd();
  }

  /** @param {Buffer} bytes */
  #keepTail(bytes) {
    const tail = this.#tail;
    if (bytes.length < tail.length) tail.copyWithin(0, bytes.length);
    bytes.copy(tail, Math.max(0, tail.length - bytes.length), Math.max(0, bytes.length - tail.length));
  }
}
