import { Client, type Dispatcher, errors } from 'undici';

/** Takes the answer of one request, and says when the connection is free again: once, after the last that it was told. */
export interface PooledHandler extends Dispatcher.DispatchHandler {
  /**
   * @param isAnswered with the whole of its answer
   * @returns whether an answer had come on the connection before
   */
  onFree: ((isAnswered: boolean) => boolean) | undefined;
}

interface Waiting {
  readonly options: Dispatcher.DispatchOptions;
  readonly handler: PooledHandler;
  /** Milliseconds of `performance.now()`. */
  readonly until: number;
}

/** A request had no connection yet when it was given up: the backend has not seen it, and it says nothing of the backend. */
export class NoConnection extends Error {}

/**
 * Kept-alive connections to one origin, each with one request at a time. The one that was used last is used next: what is
 * warm stays so, and the others are closed when they have been idle for long. Neither a request nor its end costs more when
 * there are thousands of streams; undici's own pool looks through its connections for a free one at each request.
 */
export class ConnectionPool {
  /** The one that was used last is the last. */
  private readonly idle: Client[] = [];
  private readonly all = new Set<Client>();
  /** Those on whose connection an answer has come. */
  private readonly used = new WeakSet<Client>();
  /** In their order, so that who came first is the first to be given up, too. */
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | undefined;
  private closing = false;

  /**
   * @param most connections at a time; further requests wait
   * @param patience milliseconds for which they do
   */
  constructor(
    private readonly origin: string,
    private readonly most: number,
    private readonly patience: number,
    private readonly options: Client.Options,
  ) {}

  /** @returns only for one that has to wait: ends that, and says whether it still did; its handler is told nothing */
  dispatch(options: Dispatcher.DispatchOptions, handler: PooledHandler): (() => boolean) | undefined {
    const client = this.idle.pop() ?? (this.all.size < this.most ? this.open() : undefined);
    if (client) {
      this.send(client, options, handler);
      return undefined;
    }
    const waiting = { options, handler, until: performance.now() + this.patience };
    this.waiting.add(waiting);
    this.timer ??= setTimeout(() => this.giveUp(), this.patience).unref();
    return () => this.waiting.delete(waiting);
  }

  /** Closes each connection once nothing is under way there, and nothing waits. */
  close(): void {
    this.closing = true;
    for (const client of this.idle.splice(0)) this.discard(client);
  }

  /** Ends all at once: what is under way or waits fails. */
  async destroy(): Promise<void> {
    this.closing = true;
    clearTimeout(this.timer);
    const waiting = [...this.waiting];
    this.waiting.clear();
    await Promise.all([...this.all].map((client) => client.destroy()));
    for (const { handler } of waiting) handler.onResponseError?.(NO_CONTROLLER, new errors.ClientDestroyedError());
  }

  private send(client: Client, options: Dispatcher.DispatchOptions, handler: PooledHandler): void {
    // Its end is told in the middle of what undici does with it: whether it is still good shows right after.
    // A function literal that is assigned to a property would be old at once (decision 13).
    const onFree = (isAnswered: boolean) => {
      const wasUsed = this.used.has(client);
      if (isAnswered) this.used.add(client);
      queueMicrotask(() => this.release(client));
      return wasUsed;
    };
    handler.onFree = onFree;
    client.dispatch(options, handler);
  }

  private release(client: Client): void {
    const [next] = this.waiting;
    if (next) {
      this.waiting.delete(next);
      return this.send(client, next.options, next.handler);
    }
    if (this.closing) this.discard(client);
    else this.idle.push(client);
  }

  /** Of those that have waited for too long; looks again when the next one will have. */
  private giveUp(): void {
    const now = performance.now();
    this.timer = undefined;
    for (const waiting of this.waiting) {
      if (waiting.until > now) {
        this.timer = setTimeout(() => this.giveUp(), Math.ceil(waiting.until - now)).unref();
        return;
      }
      this.waiting.delete(waiting);
      waiting.handler.onResponseError?.(NO_CONTROLLER, new NoConnection('all connections were in use for too long'));
    }
  }

  private open(): Client {
    const client = new Client(this.origin, this.options);
    this.all.add(client);
    // Of an idle one nothing is worth keeping then; one with a request connects again by itself, if it still needs to.
    client.on('disconnect', () => {
      this.used.delete(client);
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
