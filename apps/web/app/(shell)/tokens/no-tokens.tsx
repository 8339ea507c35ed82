'use client';

import { KeyRound, SearchX } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/empty-state';
import { useTokenParameters } from './token-parameters';

/** Nothing yet, or nothing that matches. */
export function NoTokens({ filtered, onCreate }: { filtered: boolean; onCreate: () => void }) {
  const t = useTranslations();
  const [, setParameters] = useTokenParameters();
  if (filtered) {
    return (
      <EmptyState
        icon={<SearchX />}
        title={t('list.noMatchTitle')}
        action={
          <Button onClick={() => void setParameters({ search: null, status: null }, { history: 'push' })}>
            {t('action.reset')}
          </Button>
        }
      >
        {t('list.noMatch')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<KeyRound />}
      title={t('tokens.emptyTitle')}
      action={
        <Button variant="primary" onClick={onCreate}>
          {t('tokens.create')}
        </Button>
      }
    >
      {t('tokens.empty')}
    </EmptyState>
  );
}
