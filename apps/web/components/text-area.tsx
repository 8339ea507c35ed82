'use client';

import type { ComponentProps } from 'react';
import { classNames } from '@/lib/class-names';
import { controlClass } from './control-class';
import { useField } from './field';

interface TextAreaProps extends ComponentProps<'textarea'> {
  mono?: boolean;
  className?: string;
}

/** Several lines of text, in a `Field`; grows with what is written, to a limit. */
export function TextArea({ mono = false, className, ...props }: TextAreaProps) {
  return (
    <textarea
      rows={3}
      {...useField()}
      {...props}
      className={classNames(
        controlClass,
        'field-sizing-content h-auto! max-h-60 min-h-18 resize-y py-1.5',
        mono && 'font-mono',
        className,
      )}
    />
  );
}
