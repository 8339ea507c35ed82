import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { Clock } from '../http/clock.js';
import { ModelDirectory } from '../models/model-directory.service.js';
import type { RoutableBackend, RoutableModel } from '../models/routable-model.js';
import { chooseBackend, waitFor } from './backend-choice.js';
import { Dispatch, type DispatchMeans, type DispatchOrder } from './backend-dispatch.js';
import { RetryBudget } from './backend-retry.js';
import { Deadlines } from './deadlines.js';
import { preferredBackend } from './session-affinity.js';
import { unavailable } from './upstream-error.js';
import { type Receiver, Upstream } from './upstream.service.js';

/** Brings requests to the backends of their models: to the one that is best, and to another one when that has failed. */
@Injectable()
export class BackendDispatch implements OnApplicationShutdown {
  private readonly deadlines: Deadlines;
  private readonly means: DispatchMeans;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ModelDirectory) models: ModelDirectory,
    @Inject(Upstream) upstream: Upstream,
  ) {
    this.deadlines = new Deadlines(config.UPSTREAM_TOTAL_TIMEOUT);
    this.means = {
      clock,
      upstream,
      budget: new RetryBudget(),
      logger: new Logger('Backends'),
      deadlines: this.deadlines,
      // As they are when asked: one that was taken out meanwhile gets nothing new.
      backendsOf: (modelId) => models.find(modelId)?.backends ?? [],
    };
  }

  onApplicationShutdown(): void {
    this.deadlines.close();
  }

  /**
   * @param conversation that is to stay where it is; undefined: any backend is as good
   * @throws ApiError 503 when no backend takes a request now: none is contacted
   */
  choose({ backends }: RoutableModel, conversation: number | undefined): RoutableBackend {
    const now = this.clock.monotonic();
    const preferred = conversation === undefined ? undefined : preferredBackend(backends, conversation, now);
    const backend = preferred ?? chooseBackend(backends, now, Math.random);
    if (backend) return backend;
    throw unavailable(undefined, waitFor(backends, now));
  }

  /** A request on its way; nothing is sent before `start`. @param backend as chosen just before */
  dispatch(backend: RoutableBackend, order: DispatchOrder, receiver: Receiver): Dispatch {
    return new Dispatch(backend, order, receiver, this.means);
  }
}
