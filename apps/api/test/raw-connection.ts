import { connect, type Socket } from 'node:net';
import { type RawAnswer, readAnswer } from './raw-answer.js';

/** A TCP connection that sends bytes exactly as they are given, which no HTTP client would. */
export class RawConnection {
  private received = Buffer.alloc(0);
  private over = false;
  private wake: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    // A reset by the server is an end like any other: what matters is what came before.
    socket.on('error', () => undefined);
    for (const event of ['end', 'close'] as const) {
      socket.on(event, () => {
        this.over = true;
        this.wake();
      });
    }
  }

  static open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      const connection = new RawConnection(socket);
      socket.once('connect', () => resolve(connection));
      socket.once('error', reject);
    });
  }

  /** Bytes that the server's side has taken off our hands. */
  get bytesTaken(): number {
    return this.socket.bytesWritten - this.socket.writableLength;
  }

  /** What came and was not taken as an answer yet. */
  get soFar(): string {
    return this.received.toString('latin1');
  }

  get isOver(): boolean {
    return this.over;
  }

  send(text: string | Buffer): this {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
    return this;
  }

  /** Sends bytes and resolves when there is room for more, or when the connection is over. */
  async sendAtPace(bytes: Buffer): Promise<void> {
    if (this.over || this.socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        this.socket.off('drain', go).off('close', go);
        resolve();
      };
      this.socket.on('drain', go).on('close', go);
    });
  }

  /** Reads nothing from now on, not even that the server ends the connection: over it is only when it breaks. */
  stopReading(): this {
    this.socket.pause();
    return this;
  }

  readAgain(): this {
    this.socket.resume();
    return this;
  }

  /**
   * The next answer on the connection.
   * @returns undefined when the connection ended before a whole one came
   */
  async answer(method = 'GET'): Promise<RawAnswer | undefined> {
    for (;;) {
      const read = readAnswer(this.received, method, this.over);
      if (read) {
        this.received = this.received.subarray(read.length);
        return read.answer;
      }
      if (this.over) return undefined;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Everything that comes until the server ends the connection. */
  async rest(): Promise<string> {
    while (!this.over) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.received.toString('latin1');
  }

  /** Says that nothing more will be sent. */
  halfClose(): this {
    this.socket.end();
    return this;
  }

  /** Breaks the connection off (TCP RST). */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }
}

/** One exchange on a connection of its own. */
export async function exchange(url: string, text: string | Buffer, method = 'GET'): Promise<RawAnswer | undefined> {
  const connection = await RawConnection.open(url);
  const answer = await connection.send(text).answer(method);
  connection.close();
  return answer;
}
