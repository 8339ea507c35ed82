import { describe, expect, it } from '@jest/globals';
import { HoldKeeper } from './hold-keeper.js';
import type { HoldState, LimitStore, Settlement } from './limit-store.js';

/** A store that answers when the test says so. */
class SlowStore {
  readonly settled: Settlement[][] = [];
  readonly renewed: (readonly HoldState[])[] = [];
  readonly answers: ((error?: Error) => void)[] = [];

  constructor(readonly settling: number) {}

  settle(settlements: readonly Settlement[]): Promise<void> {
    this.settled.push([...settlements]);
    return this.answer();
  }

  renew(holds: readonly HoldState[]): Promise<void> {
    this.renewed.push(holds);
    return this.answer();
  }

  private answer(): Promise<void> {
    return new Promise((resolve, reject) => this.answers.push((error) => (error ? reject(error) : resolve())));
  }
}

function make(settling = Number.POSITIVE_INFINITY) {
  const store = new SlowStore(settling);
  const reach = { isOpen: false, errors: [] as unknown[], failed: (error: unknown) => void reach.errors.push(error) };
  return { store, reach, keeper: new HoldKeeper(store as unknown as LimitStore, reach) };
}
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('HoldKeeper', () => {
  it('sends what ends in one turn together, each once', async () => {
    const { store, keeper } = make();
    const holds = ['a', 'b'].map((id) => keeper.begin('somebody', id, 100, false));
    for (const hold of holds) keeper.settle(hold, 10);
    for (const hold of holds) keeper.settle(hold, 99);
    await turn();
    expect(store.settled).toMatchObject([
      [
        { holdId: 'a', total: 10, attempts: 0 },
        { holdId: 'b', total: 10, attempts: 0 },
      ],
    ]);
    expect(keeper.owes('somebody')).toBe(true);
    store.answers[0]?.();
    await keeper.settled();
    expect(keeper.owes('somebody')).toBe(false);
  });

  it('sends again what was not answered, and says that it was sent before', async () => {
    const { store, reach, keeper } = make(1);
    keeper.settle(keeper.begin('somebody', 'a', 100, false), 10);
    await turn();
    keeper.settle(keeper.begin('somebody', 'b', 100, false), 20);
    await turn();
    expect(store.settled).toHaveLength(1);
    store.answers[0]?.(new Error('the answer was lost'));
    await turn();
    expect(reach.errors).toHaveLength(1);
    expect(store.settled[1]).toMatchObject([
      { holdId: 'a', attempts: 1 },
      { holdId: 'b', attempts: 0 },
    ]);
  });

  it('keeps what ends while the store is away, until it is back', async () => {
    const { store, reach, keeper } = make();
    const hold = keeper.begin('somebody', 'a', 100, false);
    reach.isOpen = true;
    expect(keeper.settle(hold, 10)).toBe(true);
    await turn();
    expect(store.settled).toEqual([]);
    const back = keeper.catchUp();
    store.answers[0]?.();
    await back;
    expect(store.settled).toMatchObject([[{ holdId: 'a', total: 10 }]]);
  });

  it('says of what it caught up with in vain, too, that it was sent before', async () => {
    const { store, reach, keeper } = make();
    reach.isOpen = true;
    keeper.settle(keeper.begin('somebody', 'a', 100, false), 10);
    const lost = keeper.catchUp();
    keeper.settle(keeper.begin('somebody', 'b', 100, false), 20);
    store.answers[0]?.(new Error('the answer was lost'));
    await expect(lost).rejects.toThrow('the answer was lost');
    void keeper.catchUp();
    expect(store.settled[1]).toMatchObject([
      { holdId: 'a', attempts: 1 },
      { holdId: 'b', attempts: 0 },
    ]);
  });

  it('says it once at a time, so that what ends meanwhile is settled once', async () => {
    const { store, keeper } = make();
    const hold = keeper.begin('somebody', 'a', 100, false);
    const renewing = [keeper.renew(), keeper.renew()];
    keeper.settle(hold, 12);
    expect(store.renewed).toHaveLength(1);
    store.answers[0]?.();
    await Promise.all(renewing);
    await turn();
    expect(store.settled).toMatchObject([[{ holdId: 'a', total: 12 }]]);
  });

  it('waits for what somebody owes, and not for others', async () => {
    const { store, keeper } = make();
    const settle = async (userId: string, id: string) => {
      keeper.settle(keeper.begin(userId, id, 100, false), 10);
      await turn();
    };
    await settle('somebody', 'a');
    await settle('another', 'b');
    expect(['somebody', 'another', 'a third'].map((userId) => keeper.owes(userId))).toEqual([true, true, false]);
    expect(await keeper.settledOf('a third', 10)).toBe(true);
    const settled = keeper.settledOf('somebody', 60_000);
    store.answers[0]?.();
    expect([await settled, await keeper.settledOf('another', 10)]).toEqual([true, false]);
    expect([keeper.owes('somebody'), keeper.owes('another')]).toEqual([false, true]);
  });

  it('does not tell the store of what began and ended without it', () => {
    const { reach, keeper } = make();
    reach.isOpen = true;
    expect(keeper.settle(keeper.begin('somebody', 'a', 100, true), 10)).toBe(false);
  });

  it('says what streams have produced, and settles what ends meanwhile after that', async () => {
    const { store, keeper } = make();
    const hold = keeper.begin('somebody', 'a', 100, true);
    hold.progress = { pieces: 15 };
    const renewing = keeper.renew();
    keeper.settle(hold, 12);
    await turn();
    expect([store.renewed.length, store.settled.length]).toEqual([1, 0]);
    store.answers[0]?.();
    await renewing;
    await turn();
    expect(store.settled).toMatchObject([[{ holdId: 'a', total: 12, charged: 7 }]]);
    await keeper.renew();
    expect(store.renewed).toHaveLength(1);
  });
});
