import type { ReactNode } from 'react';

/**
 * Opens the details of a row of a `DataTable`: in the column with `title`. All of the row takes the click; what else can be
 * clicked or hovered in it stays above.
 */
export function RowLink({ onOpen, children }: { onOpen: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      data-row-link
      onClick={onOpen}
      className="block w-full min-w-0 cursor-pointer text-start outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
    >
      {children}
    </button>
  );
}
