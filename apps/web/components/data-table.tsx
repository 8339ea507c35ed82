'use client';

import { useTranslations } from 'use-intl';
import type { KeyboardEvent, ReactNode } from 'react';
import type { ListState } from '@/lib/cursor-list';
import { classNames } from '@/lib/class-names';
import { Button } from './button';
import { ErrorState } from './error-state';
import { InlineError } from './inline-error';
import { type Column, cellClass, headClass, type Sort } from './data-table-column';
import { SkeletonRows } from './data-table-skeleton';
import { SortButton } from './sort-button';

export type { Column } from './data-table-column';

interface DataTableProps<Row, Key extends string> {
  /** What the table holds; its name for a screen reader. */
  label: string;
  columns: readonly Column<Row, Key>[];
  list: ListState<Row>;
  rowKey: (row: Row) => string;
  /** In place of the rows when there are none: "nothing yet", or "nothing that matches". */
  empty: ReactNode;
  sort?: Sort<Key>;
  /** Put it into the URL. */
  onSort?: (sort: Sort<Key>) => void;
  /** The row whose details are open. */
  selected?: string | undefined;
}

/**
 * A list. Columns leave by their priority as the window narrows; on a phone each row becomes a card. Skeleton, empty and
 * error state are its own. Up and Down go from row to row, between what opens them (`data-row-link`).
 */
export function DataTable<Row, Key extends string = never>(props: DataTableProps<Row, Key>) {
  const { label, columns, list, rowKey, empty, sort, onSort, selected } = props;
  if (list.rows === undefined && list.error) {
    return (
      <Frame>
        <ErrorState error={list.error} retry={list.retry} />
      </Frame>
    );
  }
  if (list.rows?.length === 0) return <Frame>{empty}</Frame>;
  return (
    <>
      <Frame>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- helps the links in it, which work without */}
        <table
          role="table"
          aria-label={label}
          aria-busy={list.rows === undefined || list.stale}
          onKeyDown={walkRows}
          className="w-full text-sm max-sm:block"
        >
          <thead role="rowgroup" className="max-sm:sr-only">
            <tr role="row" className="border-b border-line">
              {columns.map((column) => (
                <th
                  key={column.id}
                  role="columnheader"
                  scope="col"
                  style={{ width: column.width }}
                  aria-sort={
                    sort && column.sort === sort.by ? (sort.order === 'asc' ? 'ascending' : 'descending') : undefined
                  }
                  className={headClass(column)}
                >
                  {column.sort !== undefined && sort && onSort ? (
                    <SortButton by={column.sort} sort={sort} onSort={onSort} end={column.align === 'end'}>
                      {column.header}
                    </SortButton>
                  ) : (
                    <span className={column.headerHidden ? 'sr-only' : undefined}>{column.header}</span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody
            role="rowgroup"
            className={classNames('divide-y divide-line transition-opacity max-sm:block', list.stale && 'opacity-60')}
          >
            {list.rows === undefined ? (
              <SkeletonRows columns={columns} />
            ) : (
              list.rows.map((row) => (
                <TableRow key={rowKey(row)} row={row} columns={columns} selected={selected === rowKey(row)} />
              ))
            )}
          </tbody>
        </table>
      </Frame>
      {list.more && <LoadMore {...list.more} />}
    </>
  );
}

function TableRow<Row, Key extends string>(props: {
  row: Row;
  columns: readonly Column<Row, Key>[];
  selected: boolean;
}) {
  const { row, columns, selected } = props;
  return (
    <tr
      role="row"
      className={classNames(
        // What a `RowLink` spreads over the row stays below what else can be clicked or hovered.
        '[&_:is(a,time,[title],[data-tooltip],button:not([data-row-link]))]:relative [&_:is(a,time,[title],[data-tooltip],button:not([data-row-link]))]:z-1',
        'relative transition-colors duration-75 hover:bg-hover/60 max-sm:grid max-sm:grid-cols-2 max-sm:gap-x-4 max-sm:gap-y-2 max-sm:px-4 max-sm:py-3.5',
        selected && 'bg-accent-soft',
      )}
    >
      {columns.map((column) => (
        <td key={column.id} role="cell" className={cellClass(column)}>
          {!column.title && !column.headerHidden && (
            <span aria-hidden className="block text-xs text-faint sm:hidden">
              {column.header}
            </span>
          )}
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

function LoadMore({ load, pending, error }: NonNullable<ListState<unknown>['more']>) {
  const t = useTranslations('list');
  return (
    <div className="flex flex-col items-center gap-3 pt-4">
      {error && <InlineError error={error} />}
      <Button onClick={load} pending={pending}>
        {t('more')}
      </Button>
    </div>
  );
}

function Frame({ children }: { children: ReactNode }) {
  return <div className="overflow-x-auto rounded-lg border border-line bg-surface shadow-card">{children}</div>;
}

function walkRows(event: KeyboardEvent<HTMLTableElement>) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  const next = stops[at + (event.key === 'ArrowDown' ? 1 : -1)];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  next.focus();
}
