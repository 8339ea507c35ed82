import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

interface CardProps {
  title?: ReactNode;
  description?: ReactNode;
  /** At the end of the head: a link, a button, a period. */
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A group of things that belong together, with a heading of the second level. */
export function Card({ title, description, aside, children, className }: CardProps) {
  return (
    <section className={classNames('min-w-0 rounded-lg border border-line bg-surface shadow-card', className)}>
      {(title !== undefined || aside !== undefined) && (
        <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1 px-4 pt-4 sm:px-5">
          <div className="min-w-0">
            {title !== undefined && <h2 className="text-base font-medium">{title}</h2>}
            {description !== undefined && <p className="text-sm text-muted">{description}</p>}
          </div>
          {aside}
        </header>
      )}
      <div className="p-4 pt-3 sm:px-5">{children}</div>
    </section>
  );
}
