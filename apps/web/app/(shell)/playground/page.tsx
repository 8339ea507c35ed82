import { Suspense } from 'react';
import { pageTitle } from '@/lib/page-title';
import { PlaygroundView } from './playground-view';

export const metadata = pageTitle('playground.title');

export default function PlaygroundPage() {
  return (
    <Suspense>
      <PlaygroundView />
    </Suspense>
  );
}
