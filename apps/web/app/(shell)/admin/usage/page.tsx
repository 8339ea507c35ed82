import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { PlatformUsageView } from './platform-usage-view';

export const metadata = pageTitle('adminUsage.title');

export default function PlatformUsagePage() {
  return (
    <Suspense>
      <PlatformUsageView />
    </Suspense>
  );
}
