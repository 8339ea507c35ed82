import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';

const SWEEP_EVERY = 1000;
const Kept = z.tuple([z.string(), z.number()]);

/** The revoked tokens that have not expired yet, in memory, kept true by the change feed. */
@Injectable()
export class Revocations {
  /** jti to Unix milliseconds of the token's expiry. */
  private revoked = new Map<string, number>();
  private position = 0n;

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ChangeFeedService) feed: ChangeFeedService,
  ) {
    feed.follow('revocations', (_keys, anew) => this.readOn(anew));
  }

  has(jti: string): boolean {
    return this.revoked.has(jti);
  }

  /** What `restore` needs. */
  keep(): readonly unknown[] {
    return [...this.revoked];
  }

  /** @throws when these are not rows that were kept */
  restore(rows: readonly unknown[]): void {
    this.revoked = new Map(rows.map((row) => Kept.parse(row)));
  }

  // Revocations are only ever added, and their sequence ascends in commit order: reading on is enough.
  private async readOn(anew: boolean): Promise<void> {
    const rows = await this.database.client.revocation.findMany({
      where: { seq: { gt: anew ? 0n : this.position }, expiresAt: { gt: new Date(this.clock.now()) } },
      orderBy: { seq: 'asc' },
      select: { jti: true, seq: true, expiresAt: true },
    });
    // In one step: a token that is revoked is so at every moment.
    if (anew) this.revoked = new Map();
    if (anew) this.position = 0n;
    for (const row of rows) {
      this.revoked.set(row.jti, row.expiresAt.getTime());
      this.position = row.seq;
    }
    if (this.revoked.size % SWEEP_EVERY < rows.length) this.sweep();
  }

  /** Forgets what would be refused for its age anyway; the verifier's leeway is seconds, so a minute is kept on top. */
  private sweep(): void {
    const before = this.clock.now() - 60_000;
    for (const [jti, expiresAt] of this.revoked) if (expiresAt < before) this.revoked.delete(jti);
  }
}
