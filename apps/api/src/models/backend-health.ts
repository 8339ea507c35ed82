import type { BackendHealth as ShownHealth } from '@maas/contracts/models';
import type { Clock } from '../http/clock.js';
import { CircuitBreaker } from './circuit-breaker.js';

/** What went wrong, in a word that tells nothing of the backend's own text: `connect`, `timeout`, `status 500` … */
export type TroubleKind =
  | 'connect'
  | 'dns'
  | 'address'
  | 'tls'
  | 'reset'
  | 'timeout'
  | 'answer'
  /** All our connections to it are in use, which says nothing of the backend. */
  | 'busy'
  | `status ${number}`;

const unreachable: ReadonlySet<string> = new Set(['connect', 'dns', 'address', 'tls', 'reset']);
/** A backend that was replaced by one that reports usage is found out after so long. */
const USAGE_REFUSED_MILLISECONDS = 3_600_000;

/**
 * What this process knows of a backend: how many requests it has under way there, and whether it answers. Whoever sends a
 * request begins with `begin` and ends with `end`; in between it says once what came of it.
 */
export class BackendHealth {
  /** Requests that are under way. */
  outstanding = 0;
  /** The monotonic instant at which something was last learned of it. */
  heardAt: number;
  private readonly breaker: CircuitBreaker;
  private trouble: TroubleKind | undefined;
  private asksUsageFrom = -Infinity;
  private readonly counts = new Map<TroubleKind, number>();

  /** @param onChange called whenever it stops or begins to be ready */
  constructor(
    private readonly clock: Clock,
    private readonly onChange: (health: BackendHealth) => void,
  ) {
    this.heardAt = clock.monotonic();
    this.breaker = new CircuitBreaker(this.heardAt);
  }

  /** The last trouble, until an answer is whole again. */
  get lastError(): TroubleKind | undefined {
    return this.trouble;
  }

  /** How many requests ended in which trouble here, since the start. Who went on to another backend is counted too. */
  get troubles(): ReadonlyMap<TroubleKind, number> {
    return this.counts;
  }

  /** Whether it takes a request at this monotonic instant. */
  admits(now: number): boolean {
    return this.breaker.admits(now);
  }

  /** Whether it takes one when no other backend does. */
  admitsAsLast(now: number): boolean {
    return this.breaker.admitsAsLast(now);
  }

  /** The earliest monotonic instant from which it may take a request. */
  admitsFrom(now: number): number {
    return this.breaker.admitsFrom(now);
  }

  isReady(now: number): boolean {
    return this.breaker.isReady(now);
  }

  isClosed(now: number): boolean {
    return this.breaker.isClosed(now);
  }

  /** Whether a trial is due, and no request makes it. */
  awaitsTrial(now: number): boolean {
    return this.breaker.awaitsTrial(now);
  }

  /** A request is sent. @returns whether it is the trial of a half-open breaker: to be handed back with the outcome */
  begin(): boolean {
    this.outstanding += 1;
    return this.breaker.enter(this.clock.monotonic());
  }

  /** The request is over, however it ended. */
  end(): void {
    this.outstanding -= 1;
  }

  /** An answer began. */
  answered(isTrial: boolean): void {
    const wasReady = this.listen();
    this.breaker.answered(this.heardAt, isTrial);
    this.compare(wasReady);
  }

  /** The answer that began is whole. */
  completed(): void {
    this.heardAt = this.clock.monotonic();
    this.trouble = undefined;
    this.breaker.completed();
  }

  /**
   * The answer that began is not whole.
   * @param canBeSpared another backend is there to take over
   */
  brokeOff(kind: TroubleKind, canBeSpared: boolean): void {
    const wasReady = this.listen();
    this.note(kind);
    this.breaker.brokeOff(this.heardAt, canBeSpared);
    this.compare(wasReady);
  }

  /**
   * No answer, or one that is the backend's own trouble.
   * @param canBeSpared another backend is there to take over
   */
  failed(isTrial: boolean, kind: TroubleKind, canBeSpared: boolean): void {
    const wasReady = this.listen();
    this.note(kind);
    this.breaker.failed(this.heardAt, isTrial, canBeSpared);
    this.compare(wasReady);
  }

  /** It refused a request, which may be the request's own fault: said, and neither a failure nor an answer yet. */
  refused(isTrial: boolean, kind: TroubleKind): void {
    this.heardAt = this.clock.monotonic();
    this.note(kind);
    this.breaker.dropped(isTrial);
  }

  /** The client went away before anything could be learned. */
  dropped(isTrial: boolean): void {
    this.breaker.dropped(isTrial);
  }

  /** It asked to be left alone for so many milliseconds. */
  cool(kind: TroubleKind, milliseconds: number): void {
    const wasReady = this.listen();
    // A 503 that says for how long was counted as a failure just before.
    if (kind === 'status 429') this.note(kind);
    this.trouble = kind;
    this.breaker.cool(this.heardAt, milliseconds);
    this.compare(wasReady);
  }

  /** It was asked whether it is there. @param trouble why it seems not to be; undefined: it is */
  probed(trouble: TroubleKind | undefined): void {
    const wasReady = this.listen();
    if (trouble === undefined) {
      this.breaker.foundAlive(this.heardAt, this.trouble !== undefined && unreachable.has(this.trouble));
    } else {
      this.trouble = trouble;
      this.breaker.foundDead(this.heardAt);
    }
    this.compare(wasReady);
  }

  /** Whether it can be asked to report the usage of a stream, as far as is known. */
  get takesUsageWish(): boolean {
    return this.clock.monotonic() >= this.asksUsageFrom;
  }

  /** It refused a request only because that asked for the usage. */
  refusedUsageWish(): void {
    this.asksUsageFrom = this.clock.monotonic() + USAGE_REFUSED_MILLISECONDS;
  }

  /** As administrators see it. */
  shown(): ShownHealth {
    const now = this.clock.monotonic();
    return {
      state: this.breaker.state(now),
      since: new Date(this.clock.now() - (now - this.breaker.since(now))).toISOString(),
      ...(this.trouble === undefined ? {} : { lastError: this.trouble }),
      outstanding: this.outstanding,
    };
  }

  private note(kind: TroubleKind): void {
    this.trouble = kind;
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  /** Something is learned now. @returns whether it was ready until then */
  private listen(): boolean {
    this.heardAt = this.clock.monotonic();
    return this.breaker.isReady(this.heardAt);
  }

  private compare(wasReady: boolean): void {
    if (this.breaker.isReady(this.heardAt) !== wasReady) this.onChange(this);
  }
}
