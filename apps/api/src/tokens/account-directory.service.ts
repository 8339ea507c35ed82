import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';

const KnownAccount = z.object({
  subject: z.string(),
  userId: z.string(),
  uid: z.string().meta({ description: 'Of the one object whose tokens are good.' }),
});
type KnownAccount = z.infer<typeof KnownAccount>;

/** Whose the ServiceAccounts are whose tokens are good, in memory, kept true by the change feed. */
@Injectable()
export class AccountDirectory {
  private readonly accounts = new Map<string, KnownAccount>();

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) feed: ChangeFeedService,
  ) {
    feed.follow('accounts', (subjects) => this.refresh(subjects));
  }

  /** The id of the person whose account it is; undefined: its tokens are revoked, or it was never one. */
  ownerOf({ subject, uid }: { subject: string; uid: string }): string | undefined {
    const account = this.accounts.get(subject);
    return account?.uid === uid ? account.userId : undefined;
  }

  /** What `restore` needs. */
  keep(): readonly unknown[] {
    return [...this.accounts.values()];
  }

  /** @throws when these are not rows that were kept */
  restore(rows: readonly unknown[]): void {
    const accounts = rows.map((row) => KnownAccount.parse(row));
    this.accounts.clear();
    for (const account of accounts) this.accounts.set(account.subject, account);
  }

  private async refresh(subjects: readonly string[] | undefined): Promise<void> {
    const rows = await this.database.client.tokenAccount.findMany({
      where: {
        ...(subjects ? { subject: { in: [...subjects] } } : {}),
        userId: { not: null },
        uid: { not: null },
        revokedAt: null,
      },
      select: { subject: true, userId: true, uid: true },
    });
    // In one step: an account that stands is known at every moment.
    if (subjects) for (const subject of subjects) this.accounts.delete(subject);
    else this.accounts.clear();
    for (const { subject, userId, uid } of rows) {
      if (userId !== null && uid !== null) this.accounts.set(subject, { subject, userId, uid });
    }
  }
}
