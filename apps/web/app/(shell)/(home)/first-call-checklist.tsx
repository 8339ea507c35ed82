'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useEffect, useState } from 'react';
import type { RequestRow } from '@maas/contracts/requests';
import { api } from '@/lib/api';
import type { Page } from '@/lib/cursor-list';
import { setPreferences, usePreferences } from '@/lib/preferences';
import { every } from '@/lib/query-client';

// Nobody needs it twice: it is not part of the page.
const FirstCallSteps = dynamic(() => import('./first-call-steps'), { ssr: false });

/** From nothing to a first answer. Not there for who has called a model before; ends when the first call arrives. */
export function FirstCallChecklist() {
  const { firstCallDone } = usePreferences();
  const requests = useQuery({
    queryKey: ['/usage/requests', 'newest'],
    queryFn: ({ signal }) => api.get<Page<RequestRow>>('/usage/requests', { query: { limit: 1 }, signal }),
    enabled: !firstCallDone,
    ...every(4),
  });
  const first = requests.data?.data[0];
  // Who sees it end keeps the good news until they leave; who comes with calls behind them does not see it at all.
  const [seenOpen, setSeenOpen] = useState(false);
  if (requests.data !== undefined && first === undefined && !seenOpen) setSeenOpen(true);
  useEffect(() => {
    if (first !== undefined && !seenOpen) setPreferences({ firstCallDone: true });
  }, [first, seenOpen]);
  if (firstCallDone || requests.data === undefined || (first !== undefined && !seenOpen)) return null;
  return <FirstCallSteps call={first} />;
}
