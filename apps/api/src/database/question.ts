import type pg from 'pg';
import { afterOwnTime } from './own-time.js';

/** A question to the server on a connection that is open. It may still be answered when nobody waits for that any more. */
export class Question {
  private state: 'asked' | 'answered' | 'broken' = 'asked';
  private readonly ended: Promise<void>;

  constructor(client: Pick<pg.Client, 'query'>) {
    this.ended = client.query('SELECT 1').then(
      () => void (this.state = 'answered'),
      () => void (this.state = 'broken'),
    );
  }

  get isAnswered(): boolean {
    return this.state === 'answered';
  }

  /** So far neither an answer has come nor word that the connection is broken. */
  get isOpen(): boolean {
    return this.state === 'asked';
  }

  /** Resolves with the answer, when the connection breaks, or after so many milliseconds of this process' own time. */
  async isAnsweredWithin(milliseconds: number): Promise<boolean> {
    const late = Promise.withResolvers<void>();
    const forget = afterOwnTime(milliseconds, () => late.resolve());
    await Promise.race([this.ended, late.promise]);
    forget();
    return this.isAnswered;
  }
}
