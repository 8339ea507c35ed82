import { EVERYONE } from '@maas/contracts/auth';
import { CreateTier } from '@maas/contracts/tiers';

/** The tiers of a fresh installation, as the user guide lists them ("Default Tiers"). */
export const firstTiers: CreateTier[] = [
  CreateTier.parse({
    name: 'free',
    displayName: 'Free',
    description: 'For everybody who can sign in.',
    level: 0,
    groups: [EVERYONE],
    requestsPerMinute: 5,
    tokensPerMinute: 100,
  }),
  CreateTier.parse({
    name: 'premium',
    displayName: 'Premium',
    description: 'For teams that build on the models.',
    level: 10,
    groups: ['premium-users'],
    requestsPerMinute: 20,
    tokensPerMinute: 50_000,
  }),
  CreateTier.parse({
    name: 'enterprise',
    displayName: 'Enterprise',
    description: 'For production use.',
    level: 20,
    groups: ['enterprise-users'],
    requestsPerMinute: 50,
    tokensPerMinute: 100_000,
  }),
];
