import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { OverviewView } from './overview-view';

export const metadata = pageTitle('adminOverview.title');

export default function OverviewPage() {
  return (
    <Suspense>
      <OverviewView />
    </Suspense>
  );
}
