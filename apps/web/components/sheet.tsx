'use client';

import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { type ComponentProps, type ReactNode, useRef } from 'react';
import { classNames } from '@/lib/class-names';
import { backdropClass, DialogFooter, DialogHeader, firstControl } from './dialog';

interface SheetProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  side?: 'start' | 'end';
  width?: 'sm' | 'md' | 'lg';
  /** Where the focus goes; absent: into the first control. */
  initialFocus?: ComponentProps<typeof BaseDialog.Popup>['initialFocus'];
}

const widths = { sm: 'max-w-72', md: 'max-w-xl', lg: 'max-w-3xl' };
const sides = {
  start: 'me-auto data-ending-style:-translate-x-full data-starting-style:-translate-x-full sm:rounded-e-xl',
  end: 'ms-auto data-ending-style:translate-x-full data-starting-style:translate-x-full sm:rounded-s-xl',
};

/** A panel at the edge: the details of a row while its list stays in sight, or the navigation of a phone. */
export function Sheet({ side = 'end', width = 'md', ...props }: SheetProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <BaseDialog.Root open={props.open} onOpenChange={props.onOpenChange}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropClass} />
        <BaseDialog.Viewport className="fixed inset-0 z-50 flex overflow-hidden">
          <BaseDialog.Popup
            ref={popup}
            initialFocus={props.initialFocus ?? (() => firstControl(popup.current))}
            className={classNames(
              'flex h-full w-full flex-col bg-raised shadow-popup outline-none transition-transform duration-200 ease-out',
              sides[side],
              widths[width],
            )}
          >
            <DialogHeader title={props.title} description={props.description} closable />
            <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5">{props.children}</div>
            {props.footer !== undefined && <DialogFooter>{props.footer}</DialogFooter>}
          </BaseDialog.Popup>
        </BaseDialog.Viewport>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
