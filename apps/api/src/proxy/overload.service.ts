import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { waitHeaders } from '../http/wait-headers.js';
import { heapLimit, heapUsed } from './heap.js';
import { OverloadDetector, type Scarcity } from './overload.js';

const SAMPLE_MILLISECONDS = 250;
/** A body is in memory as it came, as text, and as what was read from it. */
const BODIES_OF_HEAP = 1 / 8;
const SAMPLES_A_REPORT = 8;
const NANOSECONDS = 1e6;

const described: Record<Scarcity, string> = {
  requests: 'as many requests run as may at once',
  bodies: 'request bodies fill the memory set aside for them',
  memory: 'memory is almost full',
  event_loop: 'the event loop is late',
};

/**
 * Refuses new inference before the process gives out: what runs is brought to its end, and the control plane and the probes
 * are served. 503 with `retry-after`, which SDKs and load balancers try again.
 */
@Injectable()
export class Overload implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Overload');
  private readonly detector: OverloadDetector;
  private readonly delay: ReturnType<typeof monitorEventLoopDelay>;
  private timer: NodeJS.Timeout | undefined;
  private readonly heapLimit = heapLimit();
  private readonly mostBytes: number;
  /** Bytes of the bodies of requests that no answer has begun to. */
  private bytes = 0;
  private refused = 0;
  private samples = 0;
  private shown: Scarcity | undefined;
  private readonly counts: Record<Scarcity, number> = { requests: 0, bodies: 0, memory: 0, event_loop: 0 };

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.mostBytes = config.MAX_INFLIGHT_BYTES ?? this.heapLimit * BODIES_OF_HEAP;
    this.detector = new OverloadDetector(config.MAX_EVENT_LOOP_DELAY);
    this.delay = monitorEventLoopDelay({ resolution: 20 });
  }

  /**
   * @param running inference requests, with the one that asks
   * @throws ApiError 503
   */
  requireRoom(running: number): void {
    if (running > this.config.MAX_INFLIGHT_REQUESTS) this.refuse('requests');
    if (this.detector.scarce !== undefined) this.refuse(this.detector.scarce);
  }

  /**
   * A part of a body has come. One body alone always has room: how large it may be is another setting.
   * @param own bytes of the same body, with this part
   * @throws ApiError 503 when there are too many bytes in memory
   */
  takeBytes(part: number, own: number): void {
    this.bytes += part;
    if (this.bytes > this.mostBytes && this.bytes > own) this.refuse('bodies');
  }

  /** A body is needed no longer; it may be told again. */
  releaseBody(of: { bodyBytes: number }): void {
    this.bytes -= of.bodyBytes;
    of.bodyBytes = 0;
  }

  /** Bytes of request bodies in memory. */
  get bodyBytes(): number {
    return this.bytes;
  }

  /** How many requests were refused since the start, by what there was no room for. */
  get refusals(): Readonly<Record<Scarcity, number>> {
    return this.counts;
  }

  onApplicationBootstrap(): void {
    this.delay.enable();
    this.timer = setInterval(() => this.sample(), SAMPLE_MILLISECONDS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.delay.disable();
  }

  private sample(): void {
    this.detector.sample({ heap: heapUsed() / this.heapLimit, delay: this.delay.percentile(99) / NANOSECONDS });
    this.delay.reset();
    this.samples += 1;
    if (this.refused === 0 || this.samples % SAMPLES_A_REPORT !== 0) return;
    this.logger.warn(`${this.refused} requests were refused, because ${this.shown && described[this.shown]}`);
    this.refused = 0;
  }

  private refuse(reason: Scarcity): never {
    this.refused += 1;
    this.counts[reason] += 1;
    this.shown = reason;
    throw new ApiError('service_unavailable', {
      message: 'The service is overloaded at the moment; try again shortly',
      // Not all at the same instant.
      headers: waitHeaders(1000 + Math.round(Math.random() * 2000)),
      isKnown: true,
    });
  }
}
