'use client';

import { Menu as MenuIcon, Search } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { useSession } from '@/lib/session';
import { Badge } from '../badge';
import { IconButton } from '../icon-button';
import { Kbd } from '../kbd';
import { UserMenu } from './user-menu';

const NavigationSheet = lazyOverlay(() => import('./navigation-sheet'));

/** The bar above a page: search, the tier, the person. In a narrow window also the way to the navigation. */
export function TopBar({ onSearch, onShortcuts }: { onSearch: () => void; onShortcuts: () => void }) {
  const t = useTranslations();
  const [open, setOpen] = useState(false);
  const { tier } = useSession();
  return (
    <header className="sticky top-0 z-40 flex h-14 shrink-0 items-center gap-2 border-b border-line bg-canvas/90 px-3 backdrop-blur-sm sm:px-5">
      <IconButton label={t('shell.openNavigation')} className="lg:hidden" onClick={() => setOpen(true)}>
        <MenuIcon />
      </IconButton>
      <button
        type="button"
        onClick={onSearch}
        className="flex h-8 cursor-pointer items-center gap-2 rounded-md px-2 text-sm text-muted transition-colors duration-100 hover:bg-hover hover:text-ink sm:w-64 sm:border sm:border-line sm:bg-surface sm:shadow-card"
      >
        <Search aria-hidden className="size-4" />
        <span className="flex-1 text-start max-sm:sr-only">{t('shell.search')}</span>
        <span className="hidden sm:inline" aria-hidden>
          <Kbd keys="mod+k" />
        </span>
      </button>
      <div className="ms-auto flex min-w-0 items-center gap-2">
        {tier !== null && <Badge tone="accent">{tier.displayName}</Badge>}
        <UserMenu onShortcuts={onShortcuts} />
      </div>
      <NavigationSheet open={open} onOpenChange={setOpen} />
    </header>
  );
}
