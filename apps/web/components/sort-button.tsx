import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';
import type { Sort } from './data-table-column';

interface SortButtonProps<Key extends string> {
  by: Key;
  sort: Sort<Key>;
  onSort: (sort: Sort<Key>) => void;
  end: boolean;
  children: ReactNode;
}

/** The head of a column that sorts: descending first, and the other way round at the next click. */
export function SortButton<Key extends string>({ by, sort, onSort, end, children }: SortButtonProps<Key>) {
  const active = sort.by === by;
  const Arrow = active && sort.order === 'asc' ? ArrowUp : ArrowDown;
  return (
    <button
      type="button"
      onClick={() => onSort({ by, order: active && sort.order === 'desc' ? 'asc' : 'desc' })}
      className={classNames(
        'group -mx-1 inline-flex h-6 cursor-pointer items-center gap-1 rounded-sm px-1 transition-colors duration-100 hover:text-ink',
        end && 'flex-row-reverse',
        active && 'text-ink',
      )}
    >
      {children}
      <Arrow
        aria-hidden
        className={classNames(
          'size-3.5',
          !active && 'opacity-0 transition-opacity group-hover:opacity-60 group-focus-visible:opacity-60',
        )}
      />
    </button>
  );
}
