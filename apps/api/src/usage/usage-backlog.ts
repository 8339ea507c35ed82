import { JournalReplay } from './journal-replay.js';
import type { JournalLog, UsageJournal } from './usage-journal.js';
import type { UsageRecord } from './usage-record.js';

/** Some 20 MB. */
const ROWS_IN_MEMORY = 20_000;

/** Rows on their way to the database. */
export interface Batch {
  readonly rows: readonly UsageRecord[];
  /** Says that the database has them. A batch that is not settled comes again. */
  settle(): void;
}

/**
 * All rows that the database does not have yet: each is in the journal, and the oldest of this process are in memory too.
 * When memory holds as many as it may, the rest is read back from the journal later. Only while the journal cannot be
 * written, a row is in memory alone, up to as many once more, or lost when that is full.
 */
export class UsageBacklog {
  private waiting: UsageRecord[] = [];
  /** Rows that were put into memory since the start. */
  private taken = 0;
  /** Of these: how many the database has. */
  private released = 0;
  /** How many of the last of `waiting` are not in the journal. */
  private unwritten = 0;
  private lost = 0;
  private lostBefore = 0;
  private told = false;
  private readonly replay: JournalReplay;
  private replayNext = false;

  constructor(
    private readonly journal: UsageJournal,
    private readonly log: JournalLog,
    private readonly rowsInMemory = ROWS_IN_MEMORY,
  ) {
    this.replay = new JournalReplay(journal, log);
  }

  /** Takes rows; when this returns they are in the journal, if it can be written. */
  add(rows: readonly UsageRecord[]): void {
    const room = this.rowsInMemory - this.waiting.length;
    if (room > 0) this.keep(rows.length <= room ? rows : rows.slice(0, room));
    if (rows.length > room) this.putAway(room > 0 ? rows.slice(room) : rows);
  }

  /** Rows that the database does not have yet. */
  get depth(): number {
    return this.waiting.length + this.journal.unread;
  }

  /** Rows that a kill of the process would lose. */
  get atRisk(): number {
    return Math.min(this.unwritten, this.waiting.length);
  }

  /** Rows that are gone since the start: neither the journal nor memory could take them. */
  get lostInAll(): number {
    return this.lostBefore + this.lost;
  }

  get inMemory(): number {
    return this.waiting.length;
  }

  /** The number of the row that was put into memory last. */
  get newest(): number {
    return this.taken;
  }

  /**
   * What to write next, from memory and from files in turn, so that neither waits for the other.
   * @param rows at most so many
   * @param newest rows in memory with a higher number wait until they fill a batch
   */
  async next(rows: number, newest: number): Promise<Batch | undefined> {
    this.replayNext = !this.replayNext;
    return this.replayNext
      ? ((await this.fromFiles(rows)) ?? this.fromMemory(rows, newest))
      : (this.fromMemory(rows, newest) ?? this.fromFiles(rows));
  }

  /** Tries to write the journal again when it could not be written, beginning with what is in memory alone. */
  recover(): void {
    if (!this.journal.failure) return;
    if (!this.journal.open()) return this.tell();
    if (!this.journal.append(this.waiting.slice(this.waiting.length - this.atRisk), this.taken)) return;
    this.log.log(`The usage journal is written again; ${this.lost} rows were lost meanwhile`);
    this.unwritten = 0;
    this.lostBefore += this.lost;
    this.lost = 0;
    this.told = false;
  }

  /** Ends; what the database does not have stays in the journal. */
  async close(): Promise<void> {
    this.recover();
    await this.journal.close(this.released);
  }

  private keep(rows: readonly UsageRecord[]): void {
    this.taken += rows.length;
    for (const row of rows) this.waiting.push(row);
    if (!this.journal.append(rows, this.taken)) this.unwritten += rows.length;
  }

  private putAway(rows: readonly UsageRecord[]): void {
    if (this.journal.append(rows)) return;
    // What is in memory may all be in the journal too: as much again is kept that is not.
    const room = Math.max(0, this.rowsInMemory - this.atRisk);
    const kept = rows.slice(0, room);
    for (const row of kept) this.waiting.push(row);
    this.taken += kept.length;
    this.unwritten += kept.length;
    if (kept.length === rows.length) return;
    if (this.lost === 0) this.log.error('Usage rows are lost: neither the journal nor memory can take them');
    this.lost += rows.length - kept.length;
  }

  private async fromFiles(count: number): Promise<Batch | undefined> {
    const rows = await this.replay.next(count);
    return rows.length === 0 ? undefined : { rows, settle: () => this.replay.settle() };
  }

  private fromMemory(count: number, newest: number): Batch | undefined {
    if (this.waiting.length === 0 || (this.released >= newest && this.waiting.length < count)) return undefined;
    const rows = this.waiting.slice(0, count);
    const settle = () => {
      this.waiting = this.waiting.slice(rows.length);
      this.released += rows.length;
      this.unwritten = this.atRisk;
      this.journal.release(this.released);
    };
    return { rows, settle };
  }

  private tell(): void {
    if (this.told || this.atRisk === 0) return;
    this.told = true;
    this.log.error(`${this.atRisk} usage rows are in memory alone, until the database has them`);
  }
}
