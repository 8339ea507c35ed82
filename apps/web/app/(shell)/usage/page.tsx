import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { UsageView } from './usage-view';

export const metadata = pageTitle('usage.title');

export default function UsagePage() {
  return (
    <Suspense>
      <UsageView />
    </Suspense>
  );
}
