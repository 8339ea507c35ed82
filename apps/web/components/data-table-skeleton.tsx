import { type Column, cellClass } from './data-table-column';
import { classNames } from '@/lib/class-names';
import { Skeleton } from './skeleton';

const ROWS = 6;

/** Rows of the height and column widths that the real ones will have. */
export function SkeletonRows<Row, Key extends string>({ columns }: { columns: readonly Column<Row, Key>[] }) {
  return Array.from({ length: ROWS }, (_, row) => (
    // They are all the same.
    // oxlint-disable-next-line react/no-array-index-key
    <tr
      key={row}
      role="row"
      aria-hidden
      className="max-sm:grid max-sm:grid-cols-2 max-sm:gap-3 max-sm:px-4 max-sm:py-3.5"
    >
      {columns.map((column) => (
        <td key={column.id} role="cell" className={cellClass(column)}>
          {!column.headerHidden && (
            <span
              className={classNames('block max-w-full', column.align === 'end' && 'ms-auto')}
              style={{ width: column.skeleton ?? '60%' }}
            >
              <Skeleton className="h-3.5" />
            </span>
          )}
        </td>
      ))}
    </tr>
  ));
}
