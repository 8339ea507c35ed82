import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { buildConnector, Dispatcher } from 'undici';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { CONFIG, type Config } from '../config.js';
import { backendConnector } from '../models/backend-connector.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { ConnectionPool, NoConnection, type PooledHandler } from './connection-pool.js';
import { HandedOver } from './handed-over.js';
import { StaleConnection, wasClosed } from './upstream-error.js';

/** A request for a backend. */
export interface UpstreamRequest {
  readonly method: Dispatcher.HttpMethod;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer | null;
}

/** undici keeps a body for as long as its answer lasts: of a larger one that would be most of what a stream takes. */
const KEPT_BYTES = 8 * 1024;

/** Lets the receiver of an answer hold the backend back, or give up. */
export interface Flow {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** Takes an answer as it comes. After `failed` or `ended` nothing more comes. */
export interface Receiver {
  started(status: number, headers: IncomingHttpHeaders, flow: Flow): void;
  data(chunk: Buffer): void;
  ended(): void;
  /** @param wasSent false: no connection was had, so the backend has seen nothing of the request */
  failed(error: Error, wasSent: boolean): void;
}

/** Ends an exchange with a backend. */
export type Abort = (reason: Error) => void;

/**
 * Talks to the backends: one pool of kept-alive connections for each origin, and a limit for each wait: to connect, to the
 * first byte, and between two pieces.
 */
@Injectable()
export class Upstream implements OnApplicationShutdown {
  private readonly pools = new Map<string, ConnectionPool>();

  private readonly connect: buildConnector.connector;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.connect = backendConnector(config);
  }

  send(backend: RoutableBackend, request: UpstreamRequest, receiver: Receiver): Abort {
    const exchange = new Exchange(receiver);
    exchange.leaveQueue = this.poolOf(backend.origin).dispatch(
      {
        ...sendable(request),
        headersTimeout: this.config.UPSTREAM_FIRST_BYTE_TIMEOUT,
        bodyTimeout: this.config.UPSTREAM_IDLE_TIMEOUT,
      },
      exchange,
    );
    return (reason) => exchange.abort(reason);
  }

  /** Closes the connections to all other origins, each once nothing is under way there. */
  retain(origins: ReadonlySet<string>): void {
    for (const [origin, pool] of this.pools) {
      if (origins.has(origin)) continue;
      this.pools.delete(origin);
      pool.close();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }

  private poolOf(origin: string): ConnectionPool {
    let pool = this.pools.get(origin);
    if (!pool) {
      const options = { pipelining: 1, connect: this.connect, keepAliveTimeout: 30_000 };
      const { UPSTREAM_CONNECTIONS: most, UPSTREAM_FIRST_BYTE_TIMEOUT: patience } = this.config;
      this.pools.set(origin, (pool = new ConnectionPool(origin, most, patience, options)));
    }
    return pool;
  }
}

function sendable(request: UpstreamRequest): Dispatcher.DispatchOptions {
  const { body, headers } = request;
  if (body === null || body.length <= KEPT_BYTES) return request;
  return {
    ...request,
    headers: { ...headers, 'content-length': String(body.length) },
    // undici takes what can be iterated, though its types do not say so.
    body: new HandedOver(body) as unknown as Readable,
  };
}

/** That a backend closed a connection as idle is seen so soon after we wrote; later, it was at the request. */
const STALE_MILLISECONDS = 1000;

/** Of these Node's own client takes the first, should a backend and a proxy before it both add one; undici gives a list. */
const SINGLE = ['content-type', 'retry-after'] as const;

function keepFirst(headers: IncomingHttpHeaders, name: (typeof SINGLE)[number]): void {
  const value: unknown = headers[name];
  if (Array.isArray(value)) headers[name] = String(value[0]);
}

class Exchange implements PooledHandler {
  onFree: ((isAnswered: boolean) => boolean) | undefined;
  /** Set while it has no connection. */
  leaveQueue: (() => boolean) | undefined;
  private controller: Dispatcher.DispatchController | undefined;
  private reason: Error | undefined;
  /** Milliseconds of `performance.now()`; undefined once there is an answer. */
  private sentAt: number | undefined;
  private over = false;

  constructor(private readonly receiver: Receiver) {}

  abort(reason: Error): void {
    if (this.over || this.reason) return;
    this.reason = reason;
    if (this.controller) return this.controller.abort(reason);
    // Nothing is kept for it, least of all its body. While its connection is being made, it is ended when it has that.
    const hasWaited = this.leaveQueue?.() ?? false;
    this.fail(hasWaited ? new NoConnection(reason.message, { cause: reason }) : reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.leaveQueue = undefined;
    this.sentAt = performance.now();
    if (this.reason) controller.abort(this.reason);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 1xx answers announce another one.
    if (status < 200 || this.over) return;
    // Slices of the first piece that was read, which they would keep in memory for as long as the answer lasts.
    controller.rawHeaders = null;
    this.sentAt = undefined;
    for (const name of SINGLE) keepFirst(headers, name);
    this.receiver.started(status, headers, controller);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.over) this.receiver.data(chunk);
  }

  onResponseEnd(): void {
    this.free(true);
    if (this.over) return;
    this.over = true;
    this.receiver.ended();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    const wasUsed = this.free(false);
    const isEarly = this.sentAt !== undefined && performance.now() - this.sentAt < STALE_MILLISECONDS;
    this.fail(this.reason ?? (wasUsed && isEarly && wasClosed(error) ? new StaleConnection(error) : error));
  }

  /** Whoever waits for a connection can have this one. @returns as `onFree` */
  private free(isAnswered: boolean): boolean {
    const { onFree } = this;
    this.onFree = undefined;
    return onFree?.(isAnswered) ?? false;
  }

  private fail(error: Error): void {
    if (this.over) return;
    this.over = true;
    this.receiver.failed(error, this.controller !== undefined);
  }
}
