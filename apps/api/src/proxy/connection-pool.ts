import { Client, type Dispatcher, errors } from 'undici';

/** Takes the answer of one request, and says when the connection is free again: once, after the last that it was told. */
export interface PooledHandler extends Dispatcher.DispatchHandler {
  onFree: (() => void) | undefined;
}

interface Waiting {
  readonly options: Dispatcher.DispatchOptions;
  readonly handler: PooledHandler;
}

/**
 * Kept-alive connections to one origin, each with one request at a time. The one that was used last is used next: what is
 * warm stays so, and the others are closed when they have been idle for long. Neither a request nor its end costs more when
 * there are thousands of streams; undici's own pool looks through its connections for a free one at each request.
 */
export class ConnectionPool {
  /** The one that was used last is the last. */
  private readonly idle: Client[] = [];
  private readonly all = new Set<Client>();
  private readonly waiting: Waiting[] = [];
  private closing = false;

  /** @param most connections at a time; further requests wait */
  constructor(
    private readonly origin: string,
    private readonly most: number,
    private readonly options: Client.Options,
  ) {}

  dispatch(options: Dispatcher.DispatchOptions, handler: PooledHandler): void {
    const client = this.idle.pop() ?? (this.all.size < this.most ? this.open() : undefined);
    if (client) this.send(client, options, handler);
    else this.waiting.push({ options, handler });
  }

  /** Closes each connection once nothing is under way there, and nothing waits. */
  close(): void {
    this.closing = true;
    for (const client of this.idle.splice(0)) this.discard(client);
  }

  /** Ends all at once: what is under way or waits fails. */
  async destroy(): Promise<void> {
    this.closing = true;
    const waiting = this.waiting.splice(0);
    await Promise.all([...this.all].map((client) => client.destroy()));
    for (const { handler } of waiting) handler.onResponseError?.(NO_CONTROLLER, new errors.ClientDestroyedError());
  }

  private send(client: Client, options: Dispatcher.DispatchOptions, handler: PooledHandler): void {
    // Its end is told in the middle of what undici does with it: whether it is still good shows right after.
    handler.onFree = () => queueMicrotask(() => this.release(client));
    client.dispatch(options, handler);
  }

  private release(client: Client): void {
    const next = this.waiting.shift();
    if (next) return this.send(client, next.options, next.handler);
    if (this.closing) this.discard(client);
    else this.idle.push(client);
  }

  private open(): Client {
    const client = new Client(this.origin, this.options);
    this.all.add(client);
    // Of an idle one nothing is worth keeping then; one with a request connects again by itself, if it still needs to.
    client.on('disconnect', () => {
      // Those that have been idle for longest come first, here as there.
      const place = this.idle.indexOf(client);
      if (place < 0) return;
      this.idle.splice(place, 1);
      this.discard(client);
    });
    return client;
  }

  private discard(client: Client): void {
    this.all.delete(client);
    if (!client.closed && !client.destroyed) void client.close();
  }
}

/** Who never got a connection has nothing to hold it back by. */
const NO_CONTROLLER = null as unknown as Dispatcher.DispatchController;
