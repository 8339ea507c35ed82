'use client';

import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useEffect } from 'react';
import { useTranslations } from 'use-intl';
import type { CurrentSession, SignInOptions } from '@maas/contracts/sessions';
import { Banner } from '@/components/banner';
import { ErrorState } from '@/components/error-state';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { safeReturnTo } from '@/lib/return-to';
import { SignInMethods } from './sign-in-methods';

/** How to get in. Who is in already goes on to where they wanted to. */
export function SignInView() {
  const t = useTranslations('signIn');
  const parameters = useSearchParams();
  const returnTo = safeReturnTo(parameters.get('returnTo'));
  const session = useQuery({
    queryKey: ['/session'],
    queryFn: ({ signal }) => api.get<CurrentSession>('/session', { signal, anonymous: true }),
    retry: false,
    staleTime: Infinity,
  });
  const options = useQuery({
    queryKey: ['/sign-in'],
    queryFn: ({ signal }) => api.get<SignInOptions>('/sign-in', { signal, anonymous: true }),
    staleTime: Infinity,
  });
  useEffect(() => {
    if (session.data) location.replace(returnTo);
  }, [session.data, returnTo]);
  return (
    <>
      <h1 className="mb-6 text-xl font-semibold">{t('heading')}</h1>
      <div className="flex w-full max-w-sm flex-col gap-4">
        <ProviderError code={parameters.get('error')} />
        {options.data?.setupNeeded && (
          <Banner kind="info">
            <p className="font-medium">{t('setupTitle')}</p>
            <p>{t('setup')}</p>
          </Banner>
        )}
        <div className="rounded-xl border border-line bg-surface p-5 shadow-card sm:p-6">
          {options.error && !options.data ? (
            <ErrorState error={options.error} retry={() => void options.refetch()} />
          ) : options.data && !session.isPending && !session.data ? (
            <SignInMethods options={options.data} returnTo={returnTo} />
          ) : (
            <MethodsSkeleton />
          )}
        </div>
      </div>
      {options.data && <p className="mt-8 text-xs text-faint">{t('version', { version: options.data.version })}</p>}
    </>
  );
}

function ProviderError({ code }: { code: string | null }) {
  const t = useTranslations('signIn.errors');
  if (code === null) return null;
  const known = t.has(code as Parameters<typeof t.has>[0]);
  return <Banner kind="danger">{t(known ? (code as Parameters<typeof t>[0]) : 'internal_error')}</Banner>;
}

function MethodsSkeleton() {
  return (
    <div className="flex flex-col gap-4">
      <Skeleton className="h-4 w-20" />
      <Skeleton className="h-9" />
      <Skeleton className="h-4 w-20" />
      <Skeleton className="h-9" />
      <Skeleton className="mt-1 h-10" />
    </div>
  );
}
