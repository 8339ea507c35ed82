/** There are as many in line as may be, or the line took too long. */
export class NoRoom extends Error {}

/** Lets so many be under way at once; those that come meanwhile wait in line, as far as there is room in it. */
export class Slots {
  private taken = 0;
  private readonly line: (() => void)[] = [];

  /**
   * @param most under way at once
   * @param longest line
   * @param patience milliseconds, for which it is worth while to wait
   */
  constructor(
    private readonly most: number,
    private readonly longest: number,
    private readonly patience: number,
  ) {}

  /** @throws NoRoom */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const came = performance.now();
    if (this.taken < this.most) this.taken += 1;
    else if (this.line.length >= this.longest) throw new NoRoom();
    // Whoever is let in takes over the slot of who has left.
    else await new Promise<void>((enter) => this.line.push(enter));
    try {
      if (performance.now() - came >= this.patience) throw new NoRoom();
      return await work();
    } finally {
      const next = this.line.shift();
      if (next) next();
      else this.taken -= 1;
    }
  }
}
