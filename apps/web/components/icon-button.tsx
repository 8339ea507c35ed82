import type { ComponentProps } from 'react';
import { classNames } from '@/lib/class-names';
import { Tooltip } from './tooltip';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label'> {
  /** What it does, in words: its name for a screen reader, and its tooltip. */
  label: string;
  className?: string;
}

/** A button that is an icon, 32 px (36 px for fingers), with its name as a tooltip. */
export function IconButton({ label, className, ...props }: IconButtonProps) {
  return (
    <Tooltip content={label}>
      <button type="button" aria-label={label} {...props} className={classNames(iconButtonClass, className)} />
    </Tooltip>
  );
}

export const iconButtonClass = classNames(
  'inline-flex size-8 shrink-0 cursor-pointer items-center justify-center rounded-md text-muted transition-colors duration-100',
  'hover:bg-hover hover:text-ink aria-expanded:bg-selected aria-expanded:text-ink max-sm:size-9 [&_svg]:size-4',
);
