import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { TokensView } from './tokens-view';

export const metadata = pageTitle('tokens.title');

export default function TokensPage() {
  return (
    <Suspense>
      <TokensView />
    </Suspense>
  );
}
