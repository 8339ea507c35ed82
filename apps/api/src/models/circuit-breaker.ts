export type BreakerState = 'closed' | 'open' | 'half-open';

const CONSECUTIVE_FAILURES = 5;
/** Requests that the failure ratio is taken over; no ratio is taken of fewer. */
const WINDOW = 20;
const WINDOW_MASK = 2 ** WINDOW - 1;
const FIRST_BACK_OFF_MS = 1000;
const LONGEST_BACK_OFF_MS = 30_000;
/** How long somebody is asked to wait for a trial that is under way. */
const TRIAL_MS = 1000;

/**
 * Keeps requests from a backend that fails, and finds out with one request at a time whether it is back.
 *
 * It opens after five failures in a row, or when more than half of the last twenty requests failed. The second alone
 * *ejects*: it needs another backend that can take over, and is undone for as long as there is none, because a backend that
 * answers some is better than nobody. Open, it lets nothing through for 1 s, 2 s, … 30 s; then it is half-open: one trial
 * at a time, whose success closes it. All instants are monotonic milliseconds.
 */
export class CircuitBreaker {
  private failuresInRow = 0;
  /** The last requests, a bit for each, the newest lowest; set: failed. */
  private history = 0;
  private recorded = 0;
  private failuresInWindow = 0;
  private isOpen = false;
  private isEjected = false;
  private trialRuns = false;
  /** Openings since the last whole answer: what the back-off grows by. */
  private openings = 0;
  private openUntil = 0;
  private coolUntil = 0;
  private changedAt: number;

  constructor(now: number) {
    this.changedAt = now;
  }

  /** Whether it takes a request now. */
  admits(now: number): boolean {
    return now >= this.coolUntil && (!this.isOpen || (now >= this.openUntil && !this.trialRuns));
  }

  /** Whether it takes a request although it is open, because no other backend takes any. */
  admitsAsLast(now: number): boolean {
    return this.isEjected && now >= this.coolUntil;
  }

  /** Whether requests that come now can be expected to be answered: a trial that is still to come is no such promise. */
  isReady(now: number): boolean {
    return now >= this.coolUntil && (!this.isOpen || this.isEjected);
  }

  /** Whether it can take over for another. */
  isClosed(now: number): boolean {
    return !this.isOpen && now >= this.coolUntil;
  }

  /** Whether a trial is due, and nobody makes it. */
  awaitsTrial(now: number): boolean {
    return this.isOpen && this.admits(now);
  }

  state(now: number): BreakerState {
    if (now < this.coolUntil) return 'open';
    if (!this.isOpen) return 'closed';
    return now >= this.openUntil ? 'half-open' : 'open';
  }

  /** Since when it is in that state. */
  since(now: number): number {
    const past = [this.coolUntil, this.isOpen ? this.openUntil : 0].filter((instant) => instant <= now);
    return Math.max(this.changedAt, ...past);
  }

  /** The earliest instant from which it may take a request. */
  admitsFrom(now: number): number {
    const trial = this.trialRuns ? now + TRIAL_MS : 0;
    return Math.max(now, this.coolUntil, this.isOpen ? Math.max(this.openUntil, trial) : 0);
  }

  /** A request is sent. @returns whether it is the trial: its sender has to say so again with what came of it */
  enter(now: number): boolean {
    const isTrial = this.isOpen && now >= this.openUntil && !this.trialRuns;
    if (isTrial) this.trialRuns = true;
    return isTrial;
  }

  /** An answer began, and it is not the backend's own trouble. */
  answered(now: number, isTrial: boolean): void {
    if (isTrial) this.close(now, 0);
    else if (!this.isOpen || this.isEjected) this.failuresInRow = 0;
  }

  /** The answer that began came to its end. */
  completed(): void {
    this.record(false);
    if (!this.isOpen) this.openings = 0;
  }

  /** The answer that began broke off: no failure in a row, but one for the ratio. */
  brokeOff(now: number, canBeSpared: boolean): void {
    this.record(true);
    this.judgeRatio(now, canBeSpared);
  }

  /**
   * No answer, or one that is the backend's own trouble.
   * @param canBeSpared another backend is there to take over
   */
  failed(now: number, isTrial: boolean, canBeSpared: boolean): void {
    // What was sent before it opened says nothing new.
    if (this.isOpen && !this.isEjected && !isTrial) return;
    this.failuresInRow += 1;
    this.record(true);
    const inRow = this.failuresInRow >= CONSECUTIVE_FAILURES;
    if (inRow || isTrial) this.open(now, this.isEjected && !inRow);
    else this.judgeRatio(now, canBeSpared);
  }

  /** A request ended without saying anything of the backend: its client went away. */
  dropped(isTrial: boolean): void {
    if (isTrial) this.trialRuns = false;
  }

  /** It asked to be left alone. */
  cool(now: number, milliseconds: number): void {
    if (now >= this.coolUntil && !this.isOpen) this.changedAt = now;
    this.coolUntil = Math.max(this.coolUntil, now + milliseconds);
  }

  /**
   * Somebody was there when asked. That is the trial's success when a trial is due, or when nobody's being there was the
   * trouble; but it is no answer to a request: the first failure opens again, for longer.
   */
  foundAlive(now: number, wasUnreachable: boolean): void {
    if (this.isOpen && !this.trialRuns && (wasUnreachable || now >= this.openUntil)) {
      this.close(now, CONSECUTIVE_FAILURES - 1);
    }
  }

  /** Nobody was there when asked. A failure like any other, but not one of a request. */
  foundDead(now: number): void {
    if (this.isOpen) {
      if (!this.trialRuns && now >= this.openUntil) this.open(now, this.isEjected);
      return;
    }
    this.failuresInRow += 1;
    if (this.failuresInRow >= CONSECUTIVE_FAILURES) this.open(now, false);
  }

  private judgeRatio(now: number, canBeSpared: boolean): void {
    if (this.isOpen || !canBeSpared || this.recorded < WINDOW) return;
    if (this.failuresInWindow * 2 > WINDOW) this.open(now, true);
  }

  private open(now: number, ejected: boolean): void {
    this.isOpen = true;
    this.isEjected = ejected;
    this.trialRuns = false;
    this.openUntil = now + Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** Math.min(this.openings, 16));
    this.openings += 1;
    this.changedAt = now;
  }

  private close(now: number, failuresInRow: number): void {
    this.isOpen = false;
    this.isEjected = false;
    this.trialRuns = false;
    this.failuresInRow = failuresInRow;
    this.history = 0;
    this.recorded = 0;
    this.failuresInWindow = 0;
    this.changedAt = now;
  }

  private record(failed: boolean): void {
    const leaving = (this.history >>> (WINDOW - 1)) & 1;
    this.history = ((this.history << 1) | Number(failed)) & WINDOW_MASK;
    this.failuresInWindow += Number(failed) - leaving;
    this.recorded = Math.min(WINDOW, this.recorded + 1);
  }
}
