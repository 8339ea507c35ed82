import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { AdminTokensView } from './admin-tokens-view';

export const metadata = pageTitle('adminTokens.title');

export default function AdminTokensPage() {
  return (
    <Suspense>
      <AdminTokensView />
    </Suspense>
  );
}
