import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import type { EndedRequest } from '../proxy/gateway.service.js';
import { inferenceLine } from './request-line.js';
import { RequestObserver } from './request-observer.service.js';

/** Writes a line of JSON for each request, where the operator wants that: what was asked for and what became of it. */
@Injectable()
export class RequestLog implements OnApplicationBootstrap {
  private readonly logger = new Logger('Requests');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(RequestObserver) private readonly observer: RequestObserver,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.LOG_REQUESTS === 'off') return;
    this.observer.follow({
      inference: (request: EndedRequest) => this.logger.log(inferenceLine(request)),
      control: ({ id, method, route, status, duration }) =>
        this.logger.log({ plane: 'control', id, method, route, status, durationMs: Math.round(duration) }),
    });
  }
}
