// @ts-check
import { connect } from 'node:net';
import { AnswerParser } from './answer-parser.mjs';

/** One for all: the bytes of a read are used before the next. */
const readBuffer = Buffer.allocUnsafe(65_536);

/** A kept-alive connection that has one request under way at a time. */
export class Connection {
  #parser = new AnswerParser();
  #closing = false;

  /**
   * @param {number} port
   * @param {(error: Error) => void} onBroken
   */
  constructor(port, onBroken) {
    const broken = (/** @type {Error} */ error) => {
      if (this.#closing) return;
      this.close();
      onBroken(error);
    };
    this.socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (count, buffer) => {
          try {
            this.#parser.push(/** @type {Buffer} */ (buffer.subarray(0, count)));
          } catch (error) {
            broken(/** @type {Error} */ (error));
          }
          return true;
        },
      },
    });
    this.socket.once('error', broken);
    this.socket.once('close', () => broken(new Error('the connection was closed')));
  }

  /**
   * @param {Buffer} request
   * @param {import('./answer-parser.mjs').Receiver} receiver
   */
  send(request, receiver) {
    this.#parser.receiver = receiver;
    this.socket.write(request);
  }

  close() {
    this.#closing = true;
    this.socket.destroy();
  }
}
