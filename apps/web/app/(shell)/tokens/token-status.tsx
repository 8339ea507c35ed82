'use client';

import { useTranslations } from 'use-intl';
import type { Token } from '@maas/contracts/tokens';
import type { Tone } from '@/components/badge';
import { StatusChip } from '@/components/status-chip';
import { useNow } from '@/lib/now';
import { type TokenState, tokenState } from './token-state';

const tones: Record<TokenState, Tone> = {
  active: 'success',
  expiring: 'warning',
  expired: 'neutral',
  revoked: 'neutral',
};

/** How a token is at this moment. */
export function TokenStatus({ token }: { token: Pick<Token, 'status' | 'createdAt' | 'expiresAt'> }) {
  const t = useTranslations('tokens.status');
  const state = tokenState(token, useNow());
  return <StatusChip tone={tones[state]}>{t(state)}</StatusChip>;
}
