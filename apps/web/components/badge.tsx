import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

export type Tone = 'neutral' | 'accent' | 'success' | 'warning' | 'danger';

const tones: Record<Tone, string> = {
  neutral: 'bg-selected/70 text-muted',
  accent: 'bg-accent-soft text-accent',
  success: 'bg-success-soft text-success',
  warning: 'bg-warning-soft text-warning',
  danger: 'bg-danger-soft text-danger',
};

/** A short word about a thing: a tier, a role, a capability. */
export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={classNames(
        'inline-flex h-5 max-w-full min-w-0 items-center gap-1 rounded-full px-2 text-xs font-medium',
        tones[tone],
      )}
    >
      <span className="truncate">{children}</span>
    </span>
  );
}
