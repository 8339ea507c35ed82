'use client';

import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { SessionGate } from '@/lib/session';
import { useCommandKey, useSingleKey } from '@/lib/shortcuts';
import { ErrorState } from '../error-state';
import { DegradedBanner } from './degraded-banner';
import { ShellSkeleton } from './shell-skeleton';
import { Sidebar } from './sidebar';
import { TopBar } from './top-bar';

const CommandPalette = lazyOverlay(() => import('./command-palette'));
const ShortcutHelp = lazyOverlay(() => import('./shortcut-help'));

/** What is around every page of who is signed in. */
export function Shell({ children }: { children: ReactNode }) {
  return (
    <SessionGate
      fallback={({ error, retry }) =>
        error === null ? (
          <ShellSkeleton />
        ) : (
          <main className="grid min-h-dvh place-items-center">
            <ErrorState error={error} retry={retry} />
          </main>
        )
      }
    >
      <Frame>{children}</Frame>
    </SessionGate>
  );
}

function Frame({ children }: { children: ReactNode }) {
  const t = useTranslations('shell');
  const [open, setOpen] = useState<'palette' | 'shortcuts' | null>(null);
  useCommandKey('k', () => setOpen((now) => (now === 'palette' ? null : 'palette')));
  useSingleKey('?', () => setOpen('shortcuts'));
  const close = (stays: boolean) => !stays && setOpen(null);
  return (
    <>
      <a
        href="#content"
        className="fixed start-3 top-3 z-60 -translate-y-16 rounded-md bg-ink px-3 py-2 text-sm text-inverse focus:translate-y-0"
      >
        {t('skip')}
      </a>
      <div className="lg:grid lg:grid-cols-[15rem_minmax(0,1fr)]">
        <Sidebar />
        <div className="flex min-h-dvh min-w-0 flex-col">
          <TopBar onSearch={() => setOpen('palette')} onShortcuts={() => setOpen('shortcuts')} />
          <DegradedBanner />
          <main id="content" tabIndex={-1} className="flex-1 scroll-mt-14 outline-none">
            {children}
          </main>
        </div>
      </div>
      <CommandPalette open={open === 'palette'} onOpenChange={close} />
      <ShortcutHelp open={open === 'shortcuts'} onOpenChange={close} />
    </>
  );
}
