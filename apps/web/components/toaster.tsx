'use client';

import { Toaster as Sonner } from 'sonner';

/** Where toasts appear (`lib/notify`). Loaded when the page is already there. */
export default function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      closeButton
      // Above the buttons of a dialog that fills a phone.
      mobileOffset={{ bottom: 80 }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-full items-center gap-3 rounded-lg bg-raised px-4 py-3 text-sm text-ink shadow-popup font-sans [&_[data-icon]_svg]:size-4',
          content: 'min-w-0 flex-1',
          title: 'font-medium',
          description: 'text-muted text-xs wrap-anywhere',
          success: '[&_[data-icon]]:text-success',
          error: '[&_[data-icon]]:text-danger',
          actionButton:
            'shrink-0 cursor-pointer rounded-sm px-2 py-1 text-xs font-medium border border-line-strong hover:bg-hover',
          closeButton: 'order-last cursor-pointer text-faint hover:text-ink [&_svg]:size-3.5 shrink-0 p-1',
        },
      }}
    />
  );
}
