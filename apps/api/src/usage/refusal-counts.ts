import type { RefusalCount, RefusedRequest } from './usage-record.js';

const HOUR = 3_600_000;

/** How many requests were refused, by the hour, token, tier and model. */
export class RefusalCounts {
  private counts = new Map<string, RefusalCount>();

  add(request: RefusedRequest): void {
    this.put({ ...request, createdAt: request.createdAt - (request.createdAt % HOUR), count: 1 });
  }

  get isEmpty(): boolean {
    return this.counts.size === 0;
  }

  /** Hands all counts over; takes them back when that fails. */
  async drain(write: (counts: RefusalCount[]) => Promise<void>): Promise<void> {
    if (this.isEmpty) return;
    const counts = [...this.counts.values()];
    this.counts = new Map();
    try {
      await write(counts);
    } catch (error) {
      for (const count of counts) this.put(count);
      throw error;
    }
  }

  private put(added: RefusalCount): void {
    const key = `${added.createdAt} ${added.tokenJti} ${added.tier} ${added.modelId}`;
    const known = this.counts.get(key);
    if (known) known.count += added.count;
    else this.counts.set(key, added);
  }
}
