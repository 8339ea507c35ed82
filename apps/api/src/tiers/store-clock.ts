/** For what the two clocks drift apart between two answers. */
const SLACK_MICROSECONDS = 5000;

/** What time it is at the store, as far as its answers tell. */
export class StoreClock {
  /** Microseconds that the store's clock is ahead of ours; undefined: nothing was heard yet. */
  private ahead: number | undefined;

  /**
   * The store's time after which a request that is sent now is no longer waited for; "0" while that is not known.
   * A store that stood still would otherwise count, when it goes on, what was decided without it.
   * @param sent our monotonic milliseconds
   * @param budget milliseconds
   */
  notAfter(sent: number, budget: number): string {
    if (this.ahead === undefined) return '0';
    return String(Math.round(sent * 1000 + this.ahead + budget * 1000 + SLACK_MICROSECONDS));
  }

  /**
   * @param storeTime microseconds, as the store answered
   * @param sent when it was asked: it looked at its clock no earlier
   * @param received when the answer was here; one that took longer than the budget says too little
   */
  heard(storeTime: number, sent: number, received: number, budget: number): void {
    if (received - sent <= budget) this.ahead = storeTime - sent * 1000;
  }
}
