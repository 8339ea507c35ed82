import { createHash } from 'node:crypto';
import type { OtherMark, ProcessMarks } from './process-marks.service.js';

/** What all processes on a database must have alike. */
export interface AgreementTerms {
  /** Of the marks: a positive integer of 31 bits. */
  readonly topic: number;
  /** What this process says of itself. */
  own(): readonly number[];
  /** The first of what others say that does not go with what this process has. */
  disagreeing(others: readonly OtherMark[]): OtherMark | undefined;
  /** What is wrong and what to do, for the log and the administration. */
  describe(other: OtherMark): string;
  /** Told when it is found out that another process differs, and, with undefined, when none does any more. */
  onTrouble(message: string | undefined): void;
}

/** Looks now and then whether the processes on a database agree, and renews what this one says of itself. */
export class Agreement {
  private known: string | undefined;
  /** What is seen once may be a change that reaches one process a moment before the other; the first look is no such moment. */
  private suspected = true;

  constructor(
    private readonly board: Pick<ProcessMarks, 'put'>,
    private readonly terms: AgreementTerms,
  ) {}

  /** What is wrong; undefined: nothing that is known. */
  get trouble(): string | undefined {
    return this.known;
  }

  /** Everybody was seen to agree, by whoever looked otherwise. */
  found(): void {
    this.suspected = false;
  }

  /** Never rejects: while the database is away, what was known stays. */
  async review(): Promise<void> {
    const others = await this.board.put(this.terms.topic, this.terms.own()).catch(() => undefined);
    if (others === undefined) return;
    const other = this.terms.disagreeing(others);
    const isSure = this.suspected;
    this.suspected = other !== undefined;
    if (other && !isSure) return;
    const message = other && this.terms.describe(other);
    if ((message === undefined) !== (this.known === undefined)) this.terms.onTrouble(message);
    this.known = message;
  }
}

/** The least that `markOf` gives: smaller ones are for marks with a meaning of their own. */
export const FIRST_OF_TEXTS = 16;

/** A mark for a text that all have to have alike: nothing is learned of the text by it. */
export function markOf(text: string): number {
  const digest = createHash('sha256').update(text).digest().readUInt32BE();
  return FIRST_OF_TEXTS + (digest % (0x7fff_ffff - FIRST_OF_TEXTS));
}
