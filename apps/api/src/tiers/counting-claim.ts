import { setTimeout as delay } from 'node:timers/promises';
import { Agreement, FIRST_OF_TEXTS, markOf } from '../database/agreement.js';
import type { OtherMark, ProcessMarks } from '../database/process-marks.service.js';

/** "mali": marks that say where a process counts limits. */
const TOPIC = 0x6d61_6c69;
const POLL_MILLISECONDS = 250;

type Mode = 'process' | 'postgres' | 'redis';

const marks = { process: 1, postgres: 2, redis: 3 } as const;

/** Another process on the database counts limits elsewhere. `message` says what to do. */
export class CountedElsewhere extends Error {}

/** What of a process is asked. */
export interface Counting {
  readonly mode: Mode;
  /** Which store it is, where the mode alone does not say; undefined: not known yet. */
  identity(): string | undefined;
  /** Told once that this process waits, before it serves, for another one to end. */
  onWaiting(message: string): void;
  /** Told when it is found out, while this process serves, that others count elsewhere, and when they no longer do. */
  onTrouble(message: string | undefined): void;
}

/**
 * Makes sure that all processes on a database count limits in one place: two places would each grant the whole of them.
 * Each says where it counts, by marks on the database, and looks at what the others say: before it serves, and now and
 * then, because the database may have been away, or one Redis may have become another.
 */
export class CountingClaim {
  private readonly agreement: Agreement;

  /** @param patience milliseconds in which others that are about to end have done so */
  constructor(
    private readonly board: Pick<ProcessMarks, 'put'>,
    private readonly counting: Counting,
    private readonly patience: number,
  ) {
    this.agreement = new Agreement(board, {
      topic: TOPIC,
      own: () => this.own(),
      disagreeing: (others) => this.rivalAmong(others),
      describe: (other) => this.describe(other),
      onTrouble: counting.onTrouble,
    });
  }

  /** What is wrong; undefined: nothing that is known. */
  get trouble(): string | undefined {
    return this.agreement.trouble;
  }

  /**
   * Waits for processes that are about to end, as in a restart. A database that is away is no reason to wait: `review`
   * looks when it is back.
   * @throws CountedElsewhere
   */
  async start(): Promise<void> {
    const deadline = performance.now() + this.patience;
    for (let turn = 0; ; turn += 1) {
      const rival = await this.claim().catch(() => undefined);
      if (rival === undefined) return;
      const message = this.describe(rival);
      if (performance.now() >= deadline) throw new CountedElsewhere(message);
      if (turn === 0) this.counting.onWaiting(message);
      await delay(POLL_MILLISECONDS);
    }
  }

  /** Looks again, and renews what this process says of itself. Never rejects. */
  review(): Promise<void> {
    return this.agreement.review();
  }

  private async claim(): Promise<OtherMark | undefined> {
    const others = await this.board.put(TOPIC, this.own(), (seen) => this.rivalAmong(seen) !== undefined);
    const rival = this.rivalAmong(others);
    if (rival === undefined) this.agreement.found();
    return rival;
  }

  private own(): number[] {
    const { mode } = this.counting;
    const redis = this.redis();
    return redis === undefined ? [marks[mode]] : [marks[mode], redis];
  }

  private rivalAmong(others: readonly OtherMark[]): OtherMark | undefined {
    const { mode } = this.counting;
    const redis = this.redis();
    return others.find(({ value }) => {
      if (mode === 'process') return true;
      if (mode === 'redis' && value >= FIRST_OF_TEXTS) return redis !== undefined && value !== redis;
      return value !== marks[mode];
    });
  }

  /** The mark of one certain Redis. */
  private redis(): number | undefined {
    const identity = this.counting.mode === 'redis' ? this.counting.identity() : undefined;
    return identity === undefined ? undefined : markOf(identity);
  }

  private describe({ value, holder }: OtherMark): string {
    const { mode } = this.counting;
    if (mode === 'process' && value === marks.process) {
      return (
        `Another process (${holder}) uses this database with LIMITS=process. Each of the two would count for itself, ` +
        'and people would get twice their limits. Set LIMITS=postgres for both, or LIMITS=redis and REDIS_URL, or ' +
        'end the other one.'
      );
    }
    return (
      `Another process (${holder}) on this database counts limits ${placeOf(value, mode)}, and this one ` +
      `${places[mode]}: each place grants people the whole of their limits. Give every process the same LIMITS and ` +
      'REDIS_URL. To change them, stop all processes first, and then start them with the new settings.'
    );
  }
}

const places = {
  process: 'in itself (LIMITS=process)',
  postgres: 'in PostgreSQL (LIMITS=postgres)',
  redis: 'in Redis (LIMITS=redis)',
};

function placeOf(value: number, mode: Mode): string {
  if (value === marks.process) return places.process;
  if (value === marks.postgres) return places.postgres;
  return mode === 'redis' ? 'in another Redis' : places.redis;
}
