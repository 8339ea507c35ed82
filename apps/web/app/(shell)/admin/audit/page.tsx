import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { AuditView } from './audit-view';

export const metadata = pageTitle('adminAudit.title');

export default function AuditPage() {
  return (
    <Suspense>
      <AuditView />
    </Suspense>
  );
}
