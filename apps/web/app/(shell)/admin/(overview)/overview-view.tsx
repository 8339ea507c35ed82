'use client';

import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useTranslations } from 'use-intl';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { Segmented } from '@/components/segmented';
import { useNow } from '@/lib/now';
import { resolveRange } from '@/lib/usage-range';
import { TopUsers } from '../top-users';
import { HealthCard } from './health-card';
import { OverviewChart } from './overview-chart';
import { OverviewTotals } from './overview-totals';
import { RecentChanges } from './recent-changes';

const ranges = ['24h', '7d'] as const;

/** How the platform is used and how it is, at a glance; every part leads to the page that says more. */
export function OverviewView() {
  const t = useTranslations('adminOverview');
  const [range, setRange] = useQueryState('range', parseAsStringLiteral(ranges).withDefault('24h'));
  // By the minute: what it is resolved to changes by the hour.
  const chosen = resolveRange({ range }, Math.floor(useNow() / 60_000) * 60_000);
  const { from, to } = chosen;
  const usage = `/admin/usage?range=${range}`;
  return (
    <Page>
      <PageHeader
        title={t('title')}
        description={t('lead')}
        actions={
          <Segmented
            label={t('range')}
            value={range}
            onChange={(next) => void setRange(next, { history: 'push' })}
            choices={ranges.map((value) => ({ value, label: t(`ranges.${value}`) }))}
          />
        }
      />
      <div className="flex flex-col gap-4">
        <OverviewTotals range={chosen} href={usage} />
        <OverviewChart range={chosen} href={usage} />
        <div className="grid gap-4 lg:grid-cols-2 *:min-w-0">
          <TopUsers by="totalTokens" filter={{ from, to }} href={`${usage}&group=user`} />
          <TopUsers by="refused" filter={{ from, to }} href={`${usage}&group=user&top=refused&metric=problems`} />
          <HealthCard />
          <RecentChanges />
        </div>
      </div>
    </Page>
  );
}
