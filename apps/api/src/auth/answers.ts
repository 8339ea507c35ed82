interface Answer<Value> {
  readonly value: Value;
  /** Milliseconds of the clock after which it is asked again. */
  readonly until: number;
}

/**
 * What somebody else has said, remembered for a while: one question at a time is asked of one thing, and a failure to ask is
 * never remembered.
 */
export class Answers<Value> {
  /** The least recently asked first. */
  private readonly known = new Map<string, Answer<Value>>();
  private readonly asking = new Map<string, Promise<Value>>();

  /**
   * @param now milliseconds, never going back
   * @param lifetime milliseconds that an answer is good for
   * @param most answers that are kept
   */
  constructor(
    private readonly now: () => number,
    private readonly lifetime: (value: Value) => number,
    private readonly most: number,
  ) {}

  /** Says what is remembered and still good; never asks. */
  recall(key: string): Value | undefined {
    const answer = this.known.get(key);
    return answer && answer.until > this.now() ? answer.value : undefined;
  }

  /** Whether it was answered before, however long ago, as far as that is kept. */
  knows(key: string): boolean {
    return this.known.has(key);
  }

  /** A promise only where nothing is remembered. @throws what `ask` throws, to everybody who waits for it */
  get(key: string, ask: () => Promise<Value>): Value | Promise<Value> {
    const answer = this.known.get(key);
    if (answer && answer.until > this.now()) return answer.value;
    let asked = this.asking.get(key);
    if (!asked) {
      asked = ask()
        .then((value) => this.remember(key, value))
        .finally(() => this.asking.delete(key));
      this.asking.set(key, asked);
    }
    return asked;
  }

  private remember(key: string, value: Value): Value {
    this.known.delete(key);
    this.known.set(key, { value, until: this.now() + this.lifetime(value) });
    const [oldest] = this.known.keys();
    if (this.known.size > this.most && oldest !== undefined) this.known.delete(oldest);
    return value;
  }
}
