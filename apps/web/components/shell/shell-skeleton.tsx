'use client';

import { useTranslations } from 'use-intl';
import { Skeleton } from '../skeleton';

/** The frame of the pages, while it is not known yet who is there. */
export function ShellSkeleton() {
  const t = useTranslations('shell');
  return (
    <div className="lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
      <p role="status" className="sr-only">
        {t('loading')}
      </p>
      <div className="sticky top-0 hidden h-dvh flex-col gap-3 border-e border-line p-5 lg:flex">
        <Skeleton className="mb-5 h-6 w-24" />
        {[20, 16, 24, 18, 14].map((width) => (
          <Skeleton key={width} className="h-4 max-w-full" />
        ))}
      </div>
      <div className="min-h-dvh">
        <div className="h-14 border-b border-line" />
        <div className="mx-auto flex max-w-6xl flex-col gap-4 px-4 py-6 sm:px-8 sm:py-8">
          <Skeleton className="h-6 w-40" />
          <Skeleton className="h-4 w-72" />
          <Skeleton className="mt-4 h-48 rounded-lg" />
        </div>
      </div>
    </div>
  );
}
