import type { IdentityProvider } from '@maas/contracts/auth';
import type { User } from '@maas/database/client';

/** What an identity provider says of a person. */
export interface Identity {
  provider: Exclude<IdentityProvider, 'local'>;
  /** The provider's unchanging name of the person. */
  subject: string;
  username: string;
  email: string | null;
  groups: string[];
  /** Unix milliseconds at which the provider said so; absent: just now. */
  saidAt?: number;
  /** What it says nothing of: of somebody who is known, what is known of it stays. */
  unsaid?: readonly Unsaid[];
}

export type Unsaid = 'groups' | 'username' | 'email';

/** What is kept of an identity; the groups are sorted. */
export type KnownFacts = Pick<User, 'username' | 'email' | 'groups' | 'role'>;

/** Whether a word of the identity provider changes nothing of what is known. */
export function saysTheSame(known: KnownFacts, said: KnownFacts): boolean {
  return (
    known.username === said.username &&
    known.email === said.email &&
    known.role === said.role &&
    known.groups.length === said.groups.length &&
    known.groups.every((group, index) => group === said.groups[index])
  );
}

/** Whether a word of the identity provider is older than the one that is known. */
export function isOlder(claimsAt: Date | null, known: Date | null): boolean {
  return claimsAt !== null && known !== null && claimsAt < known;
}
