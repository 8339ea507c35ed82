import type { ServerResponse } from 'node:http';

/** The way back to one client: it writes, waits, and knows when the client has gone. */
export class ClientLink {
  readonly #response: ServerResponse;
  #closed = false;
  #brokenByUs = false;
  #wake: (() => void) | undefined;

  /** @param onClose called once, when the answer is complete or the connection is gone */
  constructor(response: ServerResponse, onClose: (link: ClientLink) => void) {
    this.#response = response;
    response.once('close', () => {
      this.#closed = true;
      this.#wake?.();
      onClose(this);
    });
  }

  /** Nothing can be written any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The client left before the end of its answer. */
  get aborted(): boolean {
    return this.#closed && !this.#response.writableFinished && !this.#brokenByUs;
  }

  get headersSent(): boolean {
    return this.#response.headersSent;
  }

  /** Waits; returns early when the client goes away. */
  async pause(ms: number): Promise<void> {
    if (this.#closed || ms <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    await this.#wait((wake) => (timer = setTimeout(wake, ms)));
    clearTimeout(timer);
  }

  /** Waits until the client goes away. */
  async untilClosed(): Promise<void> {
    while (!this.#closed) await this.#wait(() => undefined);
  }

  begin(status: number, headers: Record<string, string | number>): void {
    if (!this.#closed) this.#response.writeHead(status, headers);
  }

  /** Writes, and waits while the client reads more slowly than this writes. */
  write(text: string): Promise<void> | undefined {
    if (this.#closed || this.#response.write(text)) return undefined;
    return this.#wait((wake) => this.#response.once('drain', wake));
  }

  end(text?: string): void {
    if (!this.#closed) this.#response.end(text);
  }

  /** Hands the last bytes to the network, then closes the connection in the middle of the answer. */
  async cut(text = ''): Promise<void> {
    this.#brokenByUs = true;
    await new Promise((flushed) => this.#response.write(text, flushed));
    this.#response.destroy();
  }

  /** Resets the connection (TCP RST). */
  reset(): void {
    this.#brokenByUs = true;
    this.#response.socket?.resetAndDestroy();
  }

  #wait(arm: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      arm(resolve);
    });
  }
}
