import type { Metadata } from 'next';
import { BrandMark } from '@/components/brand';
import { ButtonLink } from '@/components/button';
import { translate } from '@/lib/page-title';

export const metadata: Metadata = { title: translate('error.notFoundTitle') };

export default function NotFound() {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center px-4 text-center">
      <BrandMark className="mb-7 size-10" />
      <h1 className="text-xl font-semibold">{translate('error.notFoundTitle')}</h1>
      <p className="mt-1 mb-6 text-sm text-muted">{translate('error.notFound')}</p>
      <ButtonLink href="/">{translate('error.home')}</ButtonLink>
    </main>
  );
}
