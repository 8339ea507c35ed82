import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { ApiError } from '../http/api-error.js';
import { type Placed, UnderWay } from '../http/under-way.js';
import { TokenVerifier } from '../tokens/token-verifier.service.js';
import type { AnswerRelay } from './answer-relay.js';
import type { Client } from './job.js';

/** Looks so many times in each interval: a comment comes in its last quarter. */
const TURNS = 4;

/** An answer that is under way, and who gets it. */
export interface KeptAnswer extends Placed {
  readonly relay: AnswerRelay;
  readonly client: Client;
}

/**
 * Knows the answers that are under way. It gives quiet streams a sign of life: load balancers cut connections on which
 * nothing passes, some after 30 seconds, while a model may think for minutes. One timer for all: a timer for each stream
 * would have to be set anew at every event. And it ends what somebody gets whose token was revoked, or who was suspended.
 */
@Injectable()
export class StreamKeeper implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly answers = new UnderWay<KeptAnswer>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ChangeFeedService) feed: ChangeFeedService,
    @Inject(TokenVerifier) private readonly tokens: TokenVerifier,
  ) {
    // After those by which tokens are judged, which were made before: they follow the same.
    const look = async () => this.endWithdrawn();
    feed.follow('revocations', look);
    feed.follow('users', look);
  }

  keep(answer: KeptAnswer): void {
    this.answers.add(answer);
  }

  release(answer: KeptAnswer): void {
    this.answers.delete(answer);
  }

  /** Ends all answers that are under way, and tells their clients. */
  interrupt(error: ApiError): void {
    for (const { relay } of this.answers) relay.interrupt(error);
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      for (const { relay } of this.answers) relay.keepAlive(TURNS);
    }, this.config.STREAM_KEEPALIVE_INTERVAL / TURNS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private endWithdrawn(): void {
    for (const { client, relay } of this.answers) {
      try {
        this.tokens.requireHeld(client);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        relay.interrupt(error);
      }
    }
  }
}
