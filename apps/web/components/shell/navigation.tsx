'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { classNames } from '@/lib/class-names';
import { adminPages, apiReference, type Destination, settingsPage, userPages } from '@/lib/navigation';
import { useSession } from '@/lib/session';

/** The list of pages, with those of administrators for administrators. */
export function Navigation({ onLeave, children }: { onLeave?: () => void; children?: ReactNode }) {
  const t = useTranslations('shell');
  const { role } = useSession();
  return (
    <nav aria-label={t('navigation')} className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto px-3 pb-3">
      {children}
      <Section pages={userPages} onLeave={onLeave} />
      {role === 'admin' && <Section title={t('administration')} pages={adminPages} onLeave={onLeave} />}
      <div className="mt-auto">
        <Section pages={[settingsPage, apiReference]} onLeave={onLeave} />
      </div>
    </nav>
  );
}

interface SectionProps {
  title?: string;
  pages: readonly Destination[];
  onLeave: (() => void) | undefined;
}

function Section({ title, pages, onLeave }: SectionProps) {
  return (
    <div>
      {title !== undefined && <h2 className="mb-1 px-2 text-xs font-medium text-faint">{title}</h2>}
      <ul className="flex flex-col gap-px">
        {pages.map((page) => (
          <li key={page.href}>
            <NavigationLink page={page} onLeave={onLeave} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function NavigationLink({ page, onLeave }: { page: Destination; onLeave: (() => void) | undefined }) {
  const t = useTranslations('navigation');
  const current = usePathname() === page.href;
  const props = {
    ...(onLeave && { onClick: onLeave }),
    'aria-current': current ? ('page' as const) : undefined,
    className: classNames(
      'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors duration-75 max-lg:h-10 [&_svg]:size-4 [&_svg]:shrink-0',
      current ? 'bg-selected font-medium text-ink' : 'text-muted hover:bg-hover hover:text-ink',
    ),
    children: (
      <>
        <page.icon aria-hidden strokeWidth={current ? 2.1 : 1.8} />
        {t(page.name)}
      </>
    ),
  };
  // oxlint-disable-next-line nextjs/no-html-link-for-pages, jsx-a11y/anchor-has-content -- not a page of the dashboard
  return page === apiReference ? <a href={page.href} {...props} /> : <Link href={page.href} {...props} />;
}
