import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

const widths = { prose: 'max-w-3xl', wide: 'max-w-6xl', full: 'max-w-none' };

/** The content of a page: its width and its margins. `prose` for settings and forms, `wide` for lists, `full` for charts. */
export function Page({ width = 'wide', children }: { width?: keyof typeof widths; children: ReactNode }) {
  return <div className={classNames('mx-auto w-full px-4 py-6 sm:px-8 sm:py-8', widths[width])}>{children}</div>;
}
