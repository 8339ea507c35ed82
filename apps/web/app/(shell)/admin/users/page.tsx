import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { UsersView } from './users-view';

export const metadata = pageTitle('adminUsers.title');

export default function UsersPage() {
  return (
    <Suspense>
      <UsersView />
    </Suspense>
  );
}
