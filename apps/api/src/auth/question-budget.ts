import { Slots } from './slots.js';

/** Whoever asks has had so many refusals that nothing more is asked for them now. */
export class TooManyRefusals extends Error {
  /** @param seconds until it is worth while to come again */
  constructor(readonly seconds: number) {
    super('too many refusals');
  }
}

/** What one key may cost. */
export interface BudgetLimits {
  /** Refusals in one `window`. */
  readonly refusals: number;
  /** Milliseconds from the first refusal, after which it is counted anew. */
  readonly window: number;
  /** Questions that are under way at once. */
  readonly atOnce: number;
  /** Questions that wait for that. */
  readonly waiting: number;
  /** Milliseconds for which they wait. */
  readonly patience: number;
}

interface Spender {
  readonly slots: Slots;
  running: number;
  refusals: number;
  /** Of the clock; refusals count until then. */
  until: number;
}

/** About 300 bytes each. */
const REMEMBERED = 10_000;

/**
 * Makes junk cheap: what comes from one address, or claims to be of one account, has few questions under way at once, and none
 * any more after so many answers that were no. So who forges takes from nobody but themselves.
 */
export class QuestionBudget {
  /** The least recently active first. */
  private readonly spenders = new Map<string, Spender>();

  /**
   * @param now milliseconds, never going back
   * @param tell who has used up what they had, once in a window
   */
  constructor(
    private readonly now: () => number,
    private readonly limits: BudgetLimits,
    private readonly tell: (key: string) => void,
    private readonly most = REMEMBERED,
  ) {}

  /**
   * @param isNew it was never answered before; what was is asked about again, and costs nothing more
   * @param isRefusal whether an answer is no
   * @throws TooManyRefusals; NoRoom when too many wait; what `ask` throws, which counts for nothing
   */
  async run<Answer>(
    key: string,
    isNew: boolean,
    ask: () => Promise<Answer>,
    isRefusal: (answer: Answer) => boolean,
  ): Promise<Answer> {
    const spender = this.spenderOf(key);
    if (isNew) this.requireBudget(spender);
    spender.running += 1;
    try {
      return await spender.slots.run(async () => {
        // Those that were in front may have used it up.
        if (isNew) this.requireBudget(spender);
        const answer = await ask();
        if (isNew && isRefusal(answer)) this.refuse(key, spender);
        return answer;
      });
    } finally {
      spender.running -= 1;
    }
  }

  private requireBudget({ refusals, until }: Spender): void {
    const left = until - this.now();
    if (left > 0 && refusals >= this.limits.refusals) throw new TooManyRefusals(Math.ceil(left / 1000));
  }

  private refuse(key: string, spender: Spender): void {
    const now = this.now();
    if (spender.until <= now) [spender.refusals, spender.until] = [0, now + this.limits.window];
    spender.refusals += 1;
    if (spender.refusals === this.limits.refusals) this.tell(key);
  }

  private spenderOf(key: string): Spender {
    const known = this.spenders.get(key);
    const { atOnce, waiting, patience } = this.limits;
    const spender = known ?? { slots: new Slots(atOnce, waiting, patience), running: 0, refusals: 0, until: 0 };
    this.spenders.delete(key);
    this.spenders.set(key, spender);
    if (this.spenders.size > this.most) {
      for (const [other, { running }] of this.spenders) {
        if (running > 0) continue;
        this.spenders.delete(other);
        break;
      }
    }
    return spender;
  }
}
