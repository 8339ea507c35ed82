'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { ApiError } from '@/lib/api-error';
import { meQuery } from '@/lib/session';
import { Banner } from '../banner';
import { Button } from '../button';

/** Says that the platform does not answer as it should, while what was loaded before stays on the page. */
export function DegradedBanner() {
  const t = useTranslations();
  const { error, refetch, isFetching } = useQuery(meQuery);
  const queryClient = useQueryClient();
  const wasAway = useRef(false);
  useEffect(() => {
    // It is back: what could not be loaded meanwhile is asked for again.
    if (wasAway.current && error === null) void queryClient.invalidateQueries();
    wasAway.current = error !== null;
  }, [error, queryClient]);
  if (!(error instanceof ApiError) || (error.status !== 0 && error.status < 500)) return null;
  return (
    <div className="px-4 pt-4 sm:px-8">
      <Banner
        kind="warning"
        action={
          <Button size="sm" pending={isFetching} onClick={() => void refetch()}>
            {t('error.retry')}
          </Button>
        }
      >
        {t(error.status === 0 ? 'shell.unreachable' : 'shell.degraded')}
      </Banner>
    </div>
  );
}
