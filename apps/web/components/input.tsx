'use client';

import type { ComponentProps } from 'react';
import { classNames } from '@/lib/class-names';
import { controlClass } from './control-class';
import { useField } from './field';

interface InputProps extends ComponentProps<'input'> {
  /** For ids, addresses, numbers with units: the font of code. */
  mono?: boolean;
  className?: string;
}

/** One line of text, in a `Field`. Takes what `register('name')` of react-hook-form gives. */
export function Input({ mono = false, className, ...props }: InputProps) {
  return <input {...useField()} {...props} className={classNames(controlClass, mono && 'font-mono', className)} />;
}
