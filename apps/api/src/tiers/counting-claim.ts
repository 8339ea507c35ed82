import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { OtherMark, ProcessMarks } from '../database/process-marks.service.js';

/** "mali": marks that say where a process counts limits. */
const TOPIC = 0x6d61_6c69;
const WAIT_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 250;

type Mode = 'process' | 'postgres' | 'redis';

const marks = { process: 1, postgres: 2, redis: 3 } as const;
/** From here on a mark is that of one certain Redis. */
const FIRST_OF_REDIS = 16;

/** Another process on the database counts limits elsewhere. `message` says what to do. */
export class CountedElsewhere extends Error {}

/** What of a process is asked. */
export interface Counting {
  readonly mode: Mode;
  /** Which store it is, where the mode alone does not say; undefined: not known yet. */
  identity(): string | undefined;
  /** Told when it is found out, while this process serves, that others count elsewhere, and when they no longer do. */
  onTrouble(message: string | undefined): void;
}

/**
 * Makes sure that all processes on a database count limits in one place: two places would each grant the whole of them.
 * Each says where it counts, by marks on the database, and looks at what the others say: before it serves, and now and
 * then, because the database may have been away, or one Redis may have become another.
 */
export class CountingClaim {
  private known: string | undefined;
  /** Seen once: Redis may have been emptied, and others may not have noticed yet. */
  private suspected = false;

  constructor(
    private readonly board: Pick<ProcessMarks, 'put'>,
    private readonly counting: Counting,
    private readonly patience = WAIT_MILLISECONDS,
  ) {}

  /** What is wrong; undefined: nothing that is known. */
  get trouble(): string | undefined {
    return this.known;
  }

  /**
   * Waits for processes that are about to end, as in a restart. A database that is away is no reason to wait: `review`
   * looks when it is back.
   * @throws CountedElsewhere
   */
  async start(): Promise<void> {
    const deadline = performance.now() + this.patience;
    for (;;) {
      const rival = await this.claim().catch(() => undefined);
      if (rival === undefined) return;
      if (performance.now() >= deadline) throw new CountedElsewhere(this.describe(rival));
      await delay(POLL_MILLISECONDS);
    }
  }

  /** Looks again, and renews what this process says of itself. Never rejects. */
  async review(): Promise<void> {
    try {
      const others = await this.board.put(TOPIC, this.own());
      const rival = this.rivalAmong(others);
      const isSure = this.suspected;
      this.suspected = rival !== undefined;
      if (rival && !isSure) return;
      const message = rival && this.describe(rival);
      if ((message === undefined) !== (this.known === undefined)) this.counting.onTrouble(message);
      this.known = message;
    } catch {
      // The database is away: what was known stays.
    }
  }

  private async claim(): Promise<OtherMark | undefined> {
    const others = await this.board.put(TOPIC, this.own(), (seen) => this.rivalAmong(seen) !== undefined);
    return this.rivalAmong(others);
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
      if (mode === 'redis' && value >= FIRST_OF_REDIS) return redis !== undefined && value !== redis;
      return value !== marks[mode];
    });
  }

  private redis(): number | undefined {
    const identity = this.counting.mode === 'redis' ? this.counting.identity() : undefined;
    if (identity === undefined) return undefined;
    const digest = createHash('sha256').update(identity).digest().readUInt32BE();
    return FIRST_OF_REDIS + (digest % (0x7fff_ffff - FIRST_OF_REDIS));
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
