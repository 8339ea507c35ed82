import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

const kinds = {
  info: { icon: Info, style: 'bg-accent-soft text-accent' },
  warning: { icon: TriangleAlert, style: 'bg-warning-soft text-warning' },
  danger: { icon: CircleAlert, style: 'bg-danger-soft text-danger' },
};

/** Something that holds for all of a page, or of a card. */
export function Banner({
  kind,
  children,
  action,
}: {
  kind: keyof typeof kinds;
  children: ReactNode;
  action?: ReactNode;
}) {
  const { icon: Icon, style } = kinds[kind];
  return (
    <div role="status" className={classNames('flex items-center gap-3 rounded-lg px-4 py-2.5 text-sm', style)}>
      <Icon aria-hidden className="size-4 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
      {action}
    </div>
  );
}
