import type { Tone } from '@/components/badge';
import type { TokenState } from '@/app/(shell)/tokens/token-state';

export const tokenTones: Record<TokenState, Tone> = {
  active: 'success',
  expiring: 'warning',
  expired: 'neutral',
  revoked: 'neutral',
};
