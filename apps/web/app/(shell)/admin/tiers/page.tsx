import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { TiersView } from './tiers-view';

export const metadata = pageTitle('adminTiers.title');

export default function TiersPage() {
  return (
    <Suspense>
      <TiersView />
    </Suspense>
  );
}
