'use client';

import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Spinner } from '@/components/spinner';
import { classNames } from '@/lib/class-names';

interface StepProps {
  done: boolean;
  title: string;
  hint: string;
  /** What is being waited for, where this step ends by itself. */
  waiting?: string | undefined;
  children?: ReactNode;
}

/** One step of a checklist. */
export function Step({ done, title, hint, waiting, children }: StepProps) {
  const t = useTranslations('home.checklist');
  return (
    <li className="relative flex gap-3 pb-5 last:pb-1 not-last:before:absolute not-last:before:start-[0.6875rem] not-last:before:top-7 not-last:before:bottom-1 not-last:before:w-px not-last:before:bg-line">
      <span
        role="img"
        aria-label={t(done ? 'stepDone' : 'stepOpen')}
        className={classNames(
          'grid size-[1.375rem] shrink-0 place-items-center rounded-full border',
          done ? 'border-success bg-success text-inverse' : 'border-control',
        )}
      >
        {done && <Check strokeWidth={3} className="size-3" />}
      </span>
      <div className="min-w-0 flex-1">
        <p className={classNames('font-medium', done && 'text-muted')}>{title}</p>
        <p className="text-sm text-muted" role="status">
          {hint}
        </p>
        {waiting !== undefined && (
          <p className="mt-2 flex items-center gap-2 text-sm text-muted">
            <Spinner /> {waiting}
          </p>
        )}
        {children !== undefined && children !== false && <div className="mt-3 empty:hidden">{children}</div>}
      </div>
    </li>
  );
}
