const HEAP_FULL = 0.85;
const HEAP_FREE = 0.8;
/** One full collection may be all that is missing; a peak of load may be over at once. */
const HEAP_SAMPLES = 2;
const DELAY_SAMPLES = 12;

/** What there was no room for. */
export type Scarcity = 'requests' | 'bodies' | 'memory' | 'event_loop';

/** What a process looks like from within, four times a second. */
export interface Vitals {
  /** Of the heap that it may use, the part that is in use. */
  readonly heap: number;
  /** How late the event loop was, at the 99th percentile, in milliseconds. */
  readonly delay: number;
}

/** Decides from samples whether a process has more to do than it can, before memory or the event loop give out. */
export class OverloadDetector {
  private heapSamples = 0;
  private delaySamples = 0;
  private reason: Scarcity | undefined;

  /** @param longestDelay milliseconds of the event loop */
  constructor(private readonly longestDelay: number) {}

  /** What is scarce; undefined: nothing is. */
  get scarce(): Scarcity | undefined {
    return this.reason;
  }

  sample({ heap, delay }: Vitals): void {
    const wasFull = this.heapSamples >= HEAP_SAMPLES;
    this.heapSamples = heap >= (wasFull ? HEAP_FREE : HEAP_FULL) ? this.heapSamples + 1 : 0;
    this.delaySamples = delay > this.longestDelay ? this.delaySamples + 1 : 0;
    this.reason = undefined;
    if (this.delaySamples >= DELAY_SAMPLES) this.reason = 'event_loop';
    if (this.heapSamples >= HEAP_SAMPLES) this.reason = 'memory';
  }
}
