'use client';

import { QueryClientProvider } from '@tanstack/react-query';
import { ThemeProvider } from 'next-themes';
import dynamic from 'next/dynamic';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useState } from 'react';
import { IntlProvider } from 'use-intl';
import { usePreferences } from '@/lib/preferences';
import { createQueryClient } from '@/lib/query-client';
import { useRegionalEnglish } from '@/lib/regional-english';
import messages from '../messages/en.json';
import { TooltipLayer } from './tooltip';

const Toaster = dynamic(() => import('./toaster'), { ssr: false });

/** What every page needs: theme, language and zone, the URL's state, the cache of the API. */
export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  const { zone } = usePreferences();
  const locale = useRegionalEnglish();
  return (
    <ThemeProvider
      attribute="data-theme"
      defaultTheme="system"
      enableSystem
      disableTransitionOnChange
      enableColorScheme={false}
    >
      <IntlProvider locale={locale} messages={messages} timeZone={knownZone(zone)}>
        <NuqsAdapter>
          <QueryClientProvider client={queryClient}>
            {children}
            <TooltipLayer />
            <Toaster />
          </QueryClientProvider>
        </NuqsAdapter>
      </IntlProvider>
    </ThemeProvider>
  );
}

/** The zone of that name; that of the browser where it knows no such zone. */
function knownZone(zone: string): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  if (zone === 'browser') return timeZone;
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return timeZone;
  }
}
