import type { ReactNode } from 'react';

/** The row of search and filters above a list. The search comes first and takes what is left. */
export function FilterBar({ children }: { children: ReactNode }) {
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2 *:first:min-w-48 *:first:flex-1 sm:*:first:max-w-xs max-sm:*:min-w-[calc(50%-0.25rem)] max-sm:*:flex-1 max-sm:*:first:basis-full">
      {children}
    </div>
  );
}
