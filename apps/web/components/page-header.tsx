import type { ReactNode } from 'react';

interface PageHeaderProps {
  /** The one heading of the first level. */
  title: ReactNode;
  description?: ReactNode;
  /** What can be done here; the main action last. */
  actions?: ReactNode;
}

/** The head of a page. */
export function PageHeader({ title, description, actions }: PageHeaderProps) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-xl font-semibold wrap-anywhere">{title}</h1>
        {description !== undefined && (
          <p className="mt-0.5 max-w-2xl text-sm text-pretty wrap-anywhere text-muted">{description}</p>
        )}
      </div>
      {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}
