'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { UsageReport } from '@maas/contracts/usage';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { NumberText } from '@/components/number-text';
import { Skeleton } from '@/components/skeleton';
import { api, type Call } from '@/lib/api';
import { every } from '@/lib/query-client';

const SHOWN = 8;

interface TopUsersProps {
  by: 'totalTokens' | 'refused';
  /** Range and filters, as `GET /admin/usage` takes them. */
  filter: NonNullable<Call['query']>;
  /** Where all of them are listed; absent: this is that page. */
  href?: string;
}

/** Who used most, or was refused most often: names, numbers, and bars to compare them by. */
export function TopUsers({ by, filter, href }: TopUsersProps) {
  const t = useTranslations('admin.top');
  const query = { ...filter, groupBy: 'user', orderBy: by, limit: SHOWN };
  const { data, error, refetch } = useQuery({
    queryKey: ['/admin/usage', query],
    queryFn: ({ signal }) => api.get<UsageReport>('/admin/usage', { query, signal }),
    staleTime: 15_000,
    ...every(60),
  });
  const rows = data?.data.filter((row) => row[by] > 0);
  const most = Math.max(...(rows?.map((row) => row[by]) ?? []), 1);
  return (
    <Card
      title={t(by)}
      aside={
        href !== undefined && (
          <Link href={href} className="text-sm text-accent hover:underline">
            {t('all')}
          </Link>
        )
      }
    >
      {rows ? (
        rows.length === 0 ? (
          <p className="py-6 text-center text-sm text-muted">{t(`none.${by}`)}</p>
        ) : (
          <ol className="flex flex-col">
            {rows.map((row) => (
              <li key={row.user} className="relative flex h-8 items-center gap-3 px-2 text-sm">
                <span
                  aria-hidden
                  className="absolute inset-y-0.5 start-0 rounded-sm bg-accent-soft"
                  style={{ width: `${(row[by] / most) * 100}%` }}
                />
                <Link
                  href={`/admin/users?id=${row.user ?? ''}`}
                  className="relative min-w-0 flex-1 truncate hover:underline"
                >
                  {row.username ?? t('deleted')}
                </Link>
                <span className="relative">
                  <NumberText value={row[by]} />
                </span>
              </li>
            ))}
          </ol>
        )
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <div className="flex flex-col gap-2">
          {Array.from({ length: 5 }, (_, index) => (
            // They are all the same.
            // oxlint-disable-next-line react/no-array-index-key
            <Skeleton key={index} className="h-6" />
          ))}
        </div>
      )}
    </Card>
  );
}
