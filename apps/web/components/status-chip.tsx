import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';
import type { Tone } from './badge';

const shapes: Record<Tone, ReactNode> = {
  neutral: <circle cx="4" cy="4" r="2.75" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  accent: <circle cx="4" cy="4" r="3.5" fill="currentColor" />,
  success: <circle cx="4" cy="4" r="3.5" fill="currentColor" />,
  warning: <path d="M4 .5 7.8 7.5H.2Z" fill="currentColor" />,
  danger: <rect x="0.75" y="0.75" width="6.5" height="6.5" rx="1" fill="currentColor" />,
};
const colours: Record<Tone, string> = {
  neutral: 'text-faint',
  accent: 'text-accent',
  success: 'text-success',
  warning: 'text-warning',
  danger: 'text-danger',
};

/** How something is: a word, with a mark that differs in shape as well as in colour. */
export function StatusChip({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <svg viewBox="0 0 8 8" aria-hidden className={classNames('size-2 shrink-0', colours[tone])}>
        {shapes[tone]}
      </svg>
      <span className={tone === 'neutral' ? 'text-muted' : 'text-ink'}>{children}</span>
    </span>
  );
}
