import { Inject, Injectable } from '@nestjs/common';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';

const SWEEP_EVERY = 1000;

/** The revoked tokens that have not expired yet, in memory, kept true by the change feed. */
@Injectable()
export class Revocations {
  /** jti to Unix milliseconds of the token's expiry. */
  private readonly revoked = new Map<string, number>();
  private position = 0n;

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ChangeFeedService) feed: ChangeFeedService,
  ) {
    feed.follow('revocations', () => this.readOn());
  }

  has(jti: string): boolean {
    return this.revoked.has(jti);
  }

  // Revocations are only ever added, and their sequence ascends in commit order: reading on is enough.
  private async readOn(): Promise<void> {
    const rows = await this.database.client.revocation.findMany({
      where: { seq: { gt: this.position }, expiresAt: { gt: new Date(this.clock.now()) } },
      orderBy: { seq: 'asc' },
      select: { jti: true, seq: true, expiresAt: true },
    });
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
