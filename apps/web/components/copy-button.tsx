'use client';

import { Check, Copy } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useCopy } from '@/lib/copy';
import { classNames } from '@/lib/class-names';
import { Button } from './button';
import { Tooltip } from './tooltip';

interface CopyButtonProps {
  value: string;
  /** What is copied, in words: `Copy model id`. */
  label: string;
  /** With its label in sight; otherwise an icon. */
  wide?: boolean;
  className?: string;
}

/** Copies a text, and says so to eyes and ears. */
export function CopyButton({ value, label, wide = false, className }: CopyButtonProps) {
  const t = useTranslations('action');
  const { copied, copy } = useCopy();
  const icon = copied ? <Check className="text-success" /> : <Copy />;
  return (
    <>
      {wide ? (
        <Button onClick={() => void copy(value)} {...(className !== undefined && { className })}>
          {icon}
          <span className="grid *:[grid-area:1/1]">
            <span className={copied ? 'invisible' : undefined}>{label}</span>
            <span className={copied ? undefined : 'invisible'} aria-hidden>
              {t('copied')}
            </span>
          </span>
        </Button>
      ) : (
        <Tooltip content={copied ? t('copied') : label}>
          <button
            type="button"
            aria-label={label}
            onClick={() => void copy(value)}
            className={classNames(iconClass, className)}
          >
            {icon}
          </button>
        </Tooltip>
      )}
      <span role="status" className="sr-only">
        {copied ? t('copied') : ''}
      </span>
    </>
  );
}

const iconClass =
  'inline-grid size-6 shrink-0 cursor-pointer place-items-center rounded-sm text-faint transition-colors duration-100 hover:bg-hover hover:text-ink [&_svg]:size-3.5';
