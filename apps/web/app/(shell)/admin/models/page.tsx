import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { ModelsView } from './models-view';

export const metadata = pageTitle('adminModels.title');

export default function ModelsPage() {
  return (
    <Suspense>
      <ModelsView />
    </Suspense>
  );
}
