// @ts-check

/**
 * Takes one answer as it arrives. The bytes of `body` are only good until it returns.
 * @typedef {object} Receiver
 * @property {(status: number, head: string) => void} head
 * @property {(bytes: Buffer) => void} body
 * @property {() => void} end
 */

const HEAD_END = Buffer.from('\r\n\r\n');
const LINE_END = Buffer.from('\r\n');
const LF = 0x0a;

/** Cuts the bytes of one kept-alive connection into answers (HTTP/1.1, RFC 9112): no more than a load generator needs. */
export class AnswerParser {
  /** @type {Receiver | undefined} */
  receiver;
  /** @type {'head' | 'fixed' | 'size' | 'chunk' | 'chunkEnd' | 'trailer'} */
  #state = 'head';
  /** Bytes of the body or of the chunk that are still to come. */
  #left = 0;
  /** @type {Buffer | undefined} */
  #rest;

  /** @param {Buffer} bytes */
  push(bytes) {
    let at = 0;
    const input = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes;
    this.#rest = undefined;
    while (at < input.length) {
      const next = this.#step(input, at);
      if (next < 0) {
        this.#rest = Buffer.from(input.subarray(at));
        return;
      }
      at = next;
    }
  }

  /**
   * @param {Buffer} input
   * @param {number} at
   * @returns {number} where to go on; -1: more bytes are needed
   */
  #step(input, at) {
    switch (this.#state) {
      case 'head':
        return this.#head(input, at);
      case 'fixed':
      case 'chunk':
        return this.#body(input, at);
      case 'size':
        return this.#size(input, at);
      case 'chunkEnd':
        if (input.length - at < 2) return -1;
        this.#state = 'size';
        return at + 2;
      case 'trailer':
        return this.#trailer(input, at);
    }
  }

  /**
   * @param {Buffer} input
   * @param {number} at
   */
  #head(input, at) {
    const end = input.indexOf(HEAD_END, at);
    if (end < 0) return -1;
    const head = input.toString('latin1', at, end);
    this.#receiverNow().head(Number(head.slice(9, 12)), head);
    const length = /\ncontent-length: *(\d+)/i.exec(head);
    if (length) {
      this.#left = Number(length[1]);
      this.#state = 'fixed';
      if (this.#left === 0) this.#end();
    } else if (/\ntransfer-encoding: *chunked/i.test(head)) this.#state = 'size';
    else throw new Error(`an answer without a length:\n${head}`);
    return end + HEAD_END.length;
  }

  /**
   * @param {Buffer} input
   * @param {number} at
   */
  #body(input, at) {
    const to = Math.min(input.length, at + this.#left);
    this.#receiverNow().body(input.subarray(at, to));
    this.#left -= to - at;
    if (this.#left > 0) return to;
    if (this.#state === 'chunk') this.#state = 'chunkEnd';
    else this.#end();
    return to;
  }

  /**
   * @param {Buffer} input
   * @param {number} at
   */
  #size(input, at) {
    const end = input.indexOf(LF, at);
    if (end < 0) return -1;
    this.#left = Number.parseInt(input.toString('latin1', at, end), 16);
    if (Number.isNaN(this.#left)) throw new Error('a chunk without a size');
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
    return end + 1;
  }

  /**
   * @param {Buffer} input
   * @param {number} at
   */
  #trailer(input, at) {
    const end = input.indexOf(LINE_END, at);
    if (end < 0) return -1;
    if (end === at) this.#end();
    return end + LINE_END.length;
  }

  #end() {
    this.#state = 'head';
    this.#receiverNow().end();
  }

  #receiverNow() {
    if (!this.receiver) throw new Error('an answer that nobody asked for');
    return this.receiver;
  }
}
