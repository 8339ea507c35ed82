import Link from 'next/link';
import type { ComponentProps, MouseEvent, ReactNode } from 'react';
import { classNames } from '@/lib/class-names';
import { Spinner } from './spinner';

type Variant = 'primary' | 'secondary' | 'ghost' | 'danger';
type Size = 'sm' | 'md' | 'lg';

const variants: Record<Variant, string> = {
  primary: 'bg-ink text-inverse shadow-card not-aria-disabled:hover:bg-ink/88 not-aria-disabled:active:bg-ink/80',
  secondary:
    'border border-line-strong bg-surface text-ink shadow-card not-aria-disabled:hover:bg-hover not-aria-disabled:active:bg-selected dark:bg-raised',
  ghost:
    'text-muted not-aria-disabled:hover:bg-hover not-aria-disabled:hover:text-ink not-aria-disabled:active:bg-selected',
  danger:
    'bg-danger text-on-danger shadow-card not-aria-disabled:hover:bg-danger/90 not-aria-disabled:active:bg-danger/80',
};
const sizes: Record<Size, string> = {
  sm: 'h-7 gap-1.5 rounded-sm px-2.5 text-sm',
  md: 'h-8 gap-1.5 rounded-md px-3 text-sm max-sm:h-9',
  lg: 'h-10 gap-2 rounded-md px-4 text-base',
};

/** The look of a button, for whatever is one: a link that leads out of the dashboard, the trigger of a menu. */
export function buttonClass(variant: Variant = 'secondary', size: Size = 'md'): string {
  return classNames(
    'relative inline-flex shrink-0 cursor-pointer items-center justify-center font-medium whitespace-nowrap select-none',
    'transition-colors duration-100 aria-disabled:cursor-default aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
    variants[variant],
    sizes[size],
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  variant?: Variant;
  size?: Size;
  /** Under way: shows a spinner, keeps its width and the focus, and takes no second click. */
  pending?: boolean;
  /** For layout alone: margins, width. */
  className?: string;
}

/** A button. `primary` is the one main action of a page or dialog; `danger` takes something away. */
export function Button({
  variant,
  size,
  pending = false,
  className,
  disabled = false,
  children,
  ...props
}: ButtonProps) {
  const inert = disabled || pending;
  const stop = (event: MouseEvent) => event.preventDefault();
  return (
    <button
      type="button"
      {...props}
      // Not `disabled`, which would lose the focus and be left out of the order of Tab while something is under way.
      aria-disabled={inert || undefined}
      aria-busy={pending || undefined}
      onClick={inert ? stop : props.onClick}
      className={classNames(buttonClass(variant, size), className)}
    >
      {/* Its text stays, unseen: it is the button's name and its width. */}
      <span className={classNames('inline-flex items-center gap-[inherit]', pending && 'opacity-0')}>{children}</span>
      {pending && (
        <span className="absolute inset-0 grid place-items-center">
          <Spinner />
        </span>
      )}
    </button>
  );
}

/** A link that looks like a button: it leads somewhere, it does nothing. */
export function ButtonLink(props: {
  href: string;
  variant?: Variant;
  size?: Size;
  className?: string;
  children: ReactNode;
}) {
  const { href, variant, size, className, children } = props;
  return (
    <Link href={href} className={classNames(buttonClass(variant, size), className)}>
      {children}
    </Link>
  );
}
