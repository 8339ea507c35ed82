import { Inject, Injectable } from '@nestjs/common';
import type { IdentityProvider, Role } from '@maas/contracts/auth';
import type { User } from '@maas/database/client';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';

/** What the hot path needs to know of a person. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly email: string | null;
  readonly provider: IdentityProvider;
  readonly role: Role;
  readonly groups: readonly string[];
  readonly tierOverride: string | null;
  /** Unix milliseconds; null: no end. */
  readonly tierOverrideExpiresAt: number | null;
  readonly suspended: boolean;
  /** Unix milliseconds before which identity tokens of ours are refused. */
  readonly identityNotBefore: number;
}

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
    identityNotBefore: row.identityNotBefore?.getTime() ?? 0,
  };
}
