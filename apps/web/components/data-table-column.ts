import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

export interface Column<Row, Key extends string = never> {
  id: string;
  header: string;
  /** The header is for screen readers alone: a column of menus. */
  headerHidden?: boolean;
  cell: (row: Row) => ReactNode;
  /** What this column sorts by; absent: it does not. */
  sort?: Key;
  align?: 'start' | 'end';
  /** A CSS length; absent: what is left. */
  width?: string;
  /** Names the row: the head of its card on a phone. One column of a table. */
  title?: boolean;
  /** Below which width the column leaves the table. On a phone a card shows what is not `wide`. */
  from?: 'always' | 'medium' | 'wide';
  /** The width of what stands for it while it is loading, such as `8rem`. */
  skeleton?: string;
}

export interface Sort<Key extends string> {
  by: Key;
  order: 'asc' | 'desc';
}

const visibility = {
  always: '',
  medium: 'sm:max-lg:hidden',
  wide: 'max-xl:hidden',
} as const;

type Layout = Pick<Column<never>, 'align' | 'from' | 'title' | 'headerHidden'>;

export function headClass({ align, from = 'always' }: Layout): string {
  return classNames(
    'h-9 px-3 font-medium whitespace-nowrap text-muted first:ps-4 last:pe-3 text-xs',
    align === 'end' ? 'text-end' : 'text-start',
    visibility[from],
  );
}

export function cellClass({ align, from = 'always', title, headerHidden }: Layout): string {
  return classNames(
    'min-w-0 align-middle sm:h-11 sm:px-3 sm:py-1.5 sm:first:ps-4 sm:last:pe-3',
    from !== 'wide' && 'max-sm:block',
    align === 'end' && 'sm:text-end',
    title && 'max-sm:col-span-2 max-sm:pe-10',
    headerHidden && 'max-sm:absolute max-sm:end-2 max-sm:top-2',
    visibility[from],
  );
}
