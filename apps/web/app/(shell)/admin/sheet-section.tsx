import type { ReactNode } from 'react';

interface SheetSectionProps {
  title: string;
  description?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}

/** A part of what a `Sheet` shows. */
export function SheetSection({ title, description, aside, children }: SheetSectionProps) {
  return (
    <section className="border-t border-line pt-4">
      <header className="mb-3 flex flex-wrap items-baseline justify-between gap-x-4">
        <div className="min-w-0">
          <h3 className="text-sm font-medium">{title}</h3>
          {description !== undefined && <p className="text-xs text-muted">{description}</p>}
        </div>
        {aside}
      </header>
      {children}
    </section>
  );
}
