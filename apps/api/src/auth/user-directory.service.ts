import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { IdentityProvider, Role } from '@maas/contracts/auth';
import type { User } from '@maas/database/client';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';

const Person = z
  .object({
    id: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    provider: IdentityProvider,
    role: Role,
    groups: z.array(z.string()).readonly(),
    tierOverride: z.string().nullable(),
    tierOverrideExpiresAt: z.number().nullable().meta({ description: 'Unix milliseconds; null: no end.' }),
    suspended: z.boolean(),
    // A file that an earlier version kept does not name it.
    vouchedAt: z
      .number()
      .default(0)
      .meta({ description: 'Unix milliseconds at which the identity provider said what the groups are.' }),
    identityNotBefore: z
      .number()
      .meta({ description: 'Unix milliseconds before which identity tokens of ours are refused.' }),
  })
  .readonly();
/** What the hot path needs to know of a person. */
export type Person = z.infer<typeof Person>;

const select = {
  id: true,
  username: true,
  email: true,
  provider: true,
  role: true,
  groups: true,
  tierOverride: true,
  tierOverrideExpiresAt: true,
  suspendedAt: true,
  claimsAt: true,
  lastSeenAt: true,
  identityNotBefore: true,
} as const;

/** Everybody, in memory, kept true by the change feed. */
@Injectable()
export class UserDirectory {
  private readonly people = new Map<string, Person>();

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) feed: ChangeFeedService,
  ) {
    feed.follow('users', (ids) => this.refresh(ids));
  }

  find(id: string): Person | undefined {
    return this.people.get(id);
  }

  /** Whether there is anybody of whom this holds. */
  some(holds: (person: Person) => boolean): boolean {
    for (const person of this.people.values()) if (holds(person)) return true;
    return false;
  }

  /** What `restore` needs. */
  keep(): readonly unknown[] {
    return [...this.people.values()];
  }

  /** @throws when these are not rows that were kept */
  restore(rows: readonly unknown[]): void {
    const people = rows.map((row) => Person.parse(row));
    this.people.clear();
    for (const person of people) this.people.set(person.id, person);
  }

  private async refresh(ids: readonly string[] | undefined): Promise<void> {
    const rows = await this.database.client.user.findMany({
      select,
      ...(ids ? { where: { id: { in: [...ids] } } } : {}),
    });
    if (ids) for (const id of ids) this.people.delete(id);
    else this.people.clear();
    for (const row of rows) this.people.set(row.id, toPerson(row));
  }
}

/** A person from their row. */
export function toPerson(row: Pick<User, keyof typeof select>): Person {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    provider: row.provider,
    role: row.role,
    groups: row.groups,
    tierOverride: row.tierOverride,
    tierOverrideExpiresAt: row.tierOverrideExpiresAt?.getTime() ?? null,
    suspended: row.suspendedAt !== null,
    // Of those who came before this was kept, the last time that they were here.
    vouchedAt: (row.claimsAt ?? row.lastSeenAt).getTime(),
    identityNotBefore: row.identityNotBefore?.getTime() ?? 0,
  };
}
