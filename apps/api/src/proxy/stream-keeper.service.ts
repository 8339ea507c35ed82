import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import type { ApiError } from '../http/api-error.js';
import { UnderWay } from '../http/under-way.js';
import type { AnswerRelay } from './answer-relay.js';

/** Looks so many times in each interval: a comment comes at most a quarter of it late. */
const TURNS = 4;

/**
 * Knows the answers that are under way, and gives quiet streams a sign of life: load balancers cut connections on which
 * nothing passes, some after 30 seconds, while a model may think for minutes. One timer for all: a timer for each stream
 * would have to be set anew at every event.
 */
@Injectable()
export class StreamKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly relays = new UnderWay<AnswerRelay>();
  private timer: NodeJS.Timeout | undefined;

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  keep(relay: AnswerRelay): void {
    this.relays.add(relay);
  }

  release(relay: AnswerRelay): void {
    this.relays.delete(relay);
  }

  /** Ends all answers that are under way, and tells their clients. */
  interrupt(error: ApiError): void {
    for (const relay of this.relays) relay.interrupt(error);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      for (const relay of this.relays) relay.keepAlive(TURNS);
    }, this.config.STREAM_KEEPALIVE_INTERVAL / TURNS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
