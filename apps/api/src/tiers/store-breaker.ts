import type { StoreTrouble } from './limit-store.js';

const TIMEOUTS_TO_OPEN = 3;

/** Whether the store decides; and if not, since when and why. */
export type StoreState =
  | { readonly state: 'shared'; readonly since: number }
  | { readonly state: 'fallback'; readonly since: number; readonly why: StoreTrouble };

/**
 * Decides whether the shared store is asked. Three answers in a row that do not come in time open it, any other trouble at
 * once; nobody but the one who probes closes it again. Instants are of the calendar, in milliseconds, for people.
 */
export class StoreBreaker {
  private current: StoreState;
  private timeouts = 0;

  /** @param onChange told of every change, after it */
  constructor(
    private readonly now: () => number,
    private readonly onChange: (state: StoreState) => void,
  ) {
    this.current = { state: 'shared', since: now() };
  }

  get state(): StoreState {
    return this.current;
  }

  get isOpen(): boolean {
    return this.current.state === 'fallback';
  }

  succeeded(): void {
    this.timeouts = 0;
  }

  failed(why: StoreTrouble): void {
    if (this.isOpen) return;
    this.timeouts += 1;
    if (why === 'no answer in time' && this.timeouts < TIMEOUTS_TO_OPEN) return;
    this.timeouts = 0;
    this.current = { state: 'fallback', since: this.now(), why };
    this.onChange(this.current);
  }

  close(): void {
    if (!this.isOpen) return;
    this.current = { state: 'shared', since: this.now() };
    this.onChange(this.current);
  }
}
