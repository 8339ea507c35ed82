'use client';

import dynamic from 'next/dynamic';
import type { Combobox } from './combobox';
import { Skeleton } from './skeleton';

const Loaded = dynamic(() => import('./combobox').then((module) => module.Combobox), {
  ssr: false,
  loading: () => <Skeleton className="h-8 max-sm:h-10" />,
});

/** A `Combobox` whose code is not part of the first load: for a page that may not need it. */
export const LazyCombobox = Loaded as typeof Combobox;
