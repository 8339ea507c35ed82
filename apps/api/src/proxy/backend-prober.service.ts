import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../http/clock.js';
import type { BackendHealth, TroubleKind } from '../models/backend-health.js';
import { ModelDirectory } from '../models/model-directory.service.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { troubleKind } from './upstream-error.js';
import { type Receiver, Upstream } from './upstream.service.js';

const LOOK_MILLISECONDS = 1000;
const SILENCE_MILLISECONDS = 15_000;
/** A backend that was not there is asked again sooner, so that it is known before somebody needs it. */
const DOUBT_MILLISECONDS = 3000;
/** By how much of itself an interval varies, so that many processes do not ask at the same instant. */
const JITTER = 0.2;
const TIMEOUT_MILLISECONDS = 3000;
const PROBES_AT_ONCE = 4;
/** What a load balancer answers that has nobody behind it. */
const nobodyThere: ReadonlySet<number> = new Set([502, 503, 504]);

class NoAnswer extends Error {
  readonly code = 'UND_ERR_HEADERS_TIMEOUT';
}

/**
 * Asks the backends that nothing was heard from whether they are there: `GET {base}/models`, because every OpenAI-compatible
 * server has that path and it costs nothing. Any answer proves that somebody is there, also a 401 or a 404. Probes are
 * nobody's requests: they are in no usage and count against no limit.
 */
@Injectable()
export class BackendProber implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly intervals = new WeakMap<BackendHealth, number>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  private isStopped = false;
  private keptVersion = -1;

  constructor(
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ModelDirectory) private readonly models: ModelDirectory,
    @Inject(Upstream) private readonly upstream: Upstream,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.look(), LOOK_MILLISECONDS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    this.isStopped = true;
    clearInterval(this.timer);
  }

  /** Asks every backend that is due now. Resolves when all of them have answered, or have not within 3 s. */
  async probeDue(): Promise<void> {
    await this.round;
    this.round ??= this.probeAll().finally(() => (this.round = undefined));
    await this.round;
  }

  private look(): void {
    this.closeUnused();
    if (!this.round) void this.probeDue();
  }

  private closeUnused(): void {
    if (this.keptVersion === this.models.version) return;
    this.keptVersion = this.models.version;
    this.upstream.retain(new Set(this.models.backends.map(({ origin }) => origin)));
  }

  private async probeAll(): Promise<void> {
    const now = this.clock.monotonic();
    const due = this.models.backends.filter(({ health }) => this.isDue(health, now));
    due.sort((a, b) => a.health.heardAt - b.health.heardAt);
    const one = async () => {
      for (let next = due.shift(); next && !this.isStopped; next = due.shift()) await this.probe(next);
    };
    await Promise.all(Array.from({ length: Math.min(PROBES_AT_ONCE, due.length) }, one));
  }

  private isDue(health: BackendHealth, now: number): boolean {
    return health.awaitsTrial(now) || now - health.heardAt >= this.intervalOf(health);
  }

  private intervalOf(health: BackendHealth): number {
    let interval = this.intervals.get(health);
    if (interval === undefined) this.intervals.set(health, (interval = varied(SILENCE_MILLISECONDS)));
    return interval;
  }

  private async probe(backend: RoutableBackend): Promise<void> {
    const { health } = backend;
    const trouble = await this.ask(backend);
    this.intervals.set(health, varied(trouble === undefined ? SILENCE_MILLISECONDS : DOUBT_MILLISECONDS));
    // A question that was never asked is no answer.
    if (trouble !== 'busy') health.probed(trouble);
  }

  private ask(backend: RoutableBackend): Promise<TroubleKind | undefined> {
    const request = {
      method: 'GET' as const,
      path: `${backend.basePath}/models`,
      headers: {
        'user-agent': 'maas-probe',
        accept: 'application/json',
        'accept-encoding': 'identity',
        ...(backend.authorization === null ? {} : { authorization: backend.authorization }),
      },
      body: null,
    };
    return new Promise((resolve) => {
      const timer = setTimeout(() => abort(new NoAnswer('no answer to a probe')), TIMEOUT_MILLISECONDS);
      timer.unref();
      const over = (trouble?: TroubleKind) => {
        clearTimeout(timer);
        resolve(trouble);
      };
      let answer: TroubleKind | undefined;
      let began = false;
      const receiver: Receiver = {
        started: (status) => {
          began = true;
          answer = nobodyThere.has(status) ? `status ${status}` : undefined;
        },
        data: () => undefined,
        ended: () => over(answer),
        failed: (error, wasSent) => over(began ? answer : troubleKind(error, wasSent)),
      };
      const abort = this.upstream.send(backend, request, receiver);
    });
  }
}

function varied(milliseconds: number): number {
  return milliseconds * (1 - JITTER + 2 * JITTER * Math.random());
}
