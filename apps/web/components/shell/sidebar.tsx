'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import { BrandMark } from '../brand';
import { Navigation } from './navigation';

/** The navigation of a wide window. A narrow one has it in a sheet (`TopBar`). */
export function Sidebar() {
  const t = useTranslations();
  return (
    <div className="sticky top-0 hidden h-dvh flex-col border-e border-line lg:flex">
      <Navigation>
        <Link
          href="/"
          className="mt-3 -mb-2 flex h-8 items-center gap-2.5 self-start rounded-md px-2 font-semibold tracking-tight"
        >
          <BrandMark className="size-6" />
          {t('brand')}
        </Link>
      </Navigation>
    </div>
  );
}
