'use client';

import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { type ComponentProps, type ReactNode, useRef } from 'react';
import { classNames } from '@/lib/class-names';
import { iconButtonClass } from './icon-button';

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the main one last. They stay in sight while the content scrolls. */
  footer?: ReactNode;
  width?: 'sm' | 'md' | 'lg';
  /** Escape, a click beside it and the cross do nothing: only what the dialog itself offers closes it. */
  locked?: boolean;
  /** `alertdialog` for what must be answered. */
  role?: 'dialog' | 'alertdialog';
  initialFocus?: ComponentProps<typeof BaseDialog.Popup>['initialFocus'];
  /** The dialog is gone from the page. The place to forget what it held. */
  onClosed?: () => void;
}

const widths = { sm: 'sm:max-w-md', md: 'sm:max-w-lg', lg: 'sm:max-w-2xl' };

/** A dialog: in the middle, or all of a phone. The focus goes in and comes back by itself. */
export function Dialog({ locked = false, width = 'md', role = 'dialog', ...props }: DialogProps) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <BaseDialog.Root
      open={props.open}
      onOpenChange={(open, { cancel }) => (locked && !open ? cancel() : props.onOpenChange(open))}
      onOpenChangeComplete={(open) => !open && props.onClosed?.()}
      disablePointerDismissal={locked}
    >
      <BaseDialog.Portal>
        {/* Above a sheet too: what is asked about is what is below. */}
        <BaseDialog.Backdrop forceRender className={backdropClass} />
        <BaseDialog.Viewport
          className={classNames(
            'fixed inset-0 z-50 flex items-center justify-center sm:p-6',
            // A question is a card on a phone too; what is to be filled in takes all of it.
            width === 'sm' && 'p-4',
          )}
        >
          <BaseDialog.Popup
            ref={popup}
            role={role}
            data-locked={locked ? '' : undefined}
            initialFocus={props.initialFocus ?? (() => firstControl(popup.current))}
            className={classNames(
              'flex max-h-full w-full flex-col bg-raised outline-none sm:rounded-xl sm:shadow-popup',
              width === 'sm' ? 'rounded-xl shadow-popup' : 'max-sm:h-dvh',
              'transition-[opacity,scale] duration-150 ease-out data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0',
              widths[width],
            )}
          >
            <DialogHeader title={props.title} description={props.description} closable={!locked} />
            <div className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5 empty:hidden">{props.children}</div>
            {props.footer !== undefined && <DialogFooter>{props.footer}</DialogFooter>}
          </BaseDialog.Popup>
        </BaseDialog.Viewport>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** Where the focus goes: to the first thing to fill in, else to the dialog itself, whose name is then read. */
export function firstControl(popup: HTMLElement | null): HTMLElement | null {
  return popup?.querySelector<HTMLElement>('input, textarea, select') ?? popup;
}

/** The head that `Dialog` and `Sheet` have in common. */
export function DialogHeader(props: { title: ReactNode; description?: ReactNode; closable: boolean }) {
  const t = useTranslations('action');
  return (
    <header className="flex items-start gap-4 px-5 pt-4 pb-3">
      <div className="min-w-0 flex-1 pt-0.5">
        <BaseDialog.Title className="text-lg font-semibold tracking-tight wrap-anywhere">
          {props.title}
        </BaseDialog.Title>
        {props.description !== undefined && (
          <BaseDialog.Description className="mt-1 text-sm wrap-anywhere text-muted">
            {props.description}
          </BaseDialog.Description>
        )}
      </div>
      {props.closable && (
        <BaseDialog.Close aria-label={t('close')} className={classNames(iconButtonClass, '-me-1.5')}>
          <X />
        </BaseDialog.Close>
      )}
    </header>
  );
}

/** The buttons that `Dialog` and `Sheet` have in common. */
export function DialogFooter({ children }: { children: ReactNode }) {
  return (
    <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3.5 max-sm:*:flex-1">
      {children}
    </footer>
  );
}

export const backdropClass =
  'fixed inset-0 z-50 bg-backdrop transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0';
