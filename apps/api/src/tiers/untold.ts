import type { Used } from './limits.js';
import type { LimitStore } from './limit-store.js';
import { SlidingWindow } from './window.js';

const CARRIED_AT_ONCE = 64;

/** What a process let in that the store has not been told of. What is older than a minute counts no more. */
export class Untold {
  private readonly people = new Map<string, { readonly requests: SlidingWindow; readonly tokens: SlidingWindow }>();

  add(userId: string, { requests, tokens }: Used, now: number): void {
    let known = this.people.get(userId);
    if (!known) this.people.set(userId, (known = { requests: new SlidingWindow(), tokens: new SlidingWindow() }));
    if (requests > 0) known.requests.add(now, requests);
    if (tokens > 0) known.tokens.add(now, tokens);
  }

  clear(): void {
    this.people.clear();
  }

  sweep(now: number): void {
    for (const [userId, { requests, tokens }] of this.people) {
      if (requests.used(now) === 0 && tokens.used(now) === 0) this.people.delete(userId);
    }
  }

  /** In batches, one after the other, until there is nobody left: requests go on being decided meanwhile. */
  async carryTo(store: LimitStore, clock: () => number): Promise<void> {
    while (this.people.size > 0) {
      const now = clock();
      const carried = [...this.people].slice(0, CARRIED_AT_ONCE).map(([userId, { requests, tokens }]) => ({
        userId,
        requests: requests.used(now),
        tokens: tokens.used(now),
      }));
      for (const { userId } of carried) this.people.delete(userId);
      try {
        await store.carry(carried);
      } catch (error) {
        // It may have been done: then it counts twice, which lets nobody in who must not be.
        for (const { userId, ...used } of carried) this.add(userId, used, now);
        throw error;
      }
    }
  }
}
