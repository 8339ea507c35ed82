import { setImmediate as endOfTurn } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { version } from '../build-version.js';
import { CONFIG, type Config } from '../config.js';
import { RequestObserver } from '../metrics/request-observer.service.js';
import { Gateway } from '../proxy/gateway.service.js';
import { tracerSettings, tracingWarnings } from './tracer-settings.js';
import type { RequestSpans } from './request-spans.js';
import type { RunningTracer } from './tracer.js';

/**
 * Traces of requests for OpenTelemetry, where the operator has named a collector. Otherwise nothing is loaded, and a request
 * pays for one look at whether there is somebody who follows it.
 */
@Injectable()
export class Tracing implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Traces');
  private running: RunningTracer | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Gateway) private readonly gateway: Gateway,
    @Inject(RequestObserver) private readonly observer: RequestObserver,
  ) {}

  async onModuleInit(): Promise<void> {
    for (const warning of tracingWarnings(this.config)) this.logger.warn(warning);
    const settings = tracerSettings(this.config, version);
    if (!settings) return;
    const [{ startTracer }, { RequestSpans: Spans, traceControl }] = await Promise.all([
      import('./tracer.js'),
      import('./request-spans.js'),
    ]);
    const running = startTracer(settings, version, this.logger);
    const { tracer } = running;
    this.running = running;
    this.gateway.traceBy(({ headers }) => new Spans(tracer, headers));
    this.observer.follow({
      inference: (request) => (request.trace as RequestSpans | undefined)?.finish(request),
      control: (request) => traceControl(tracer, request, request.headers),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    // What has just ended is told at the end of this turn.
    await endOfTurn();
    await this.running?.stop();
  }
}
