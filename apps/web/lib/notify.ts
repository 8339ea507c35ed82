import { ApiError } from './api-error';
import { copyText } from './copy';

/** A word on something that has no place of its own on the page. Loaded when first needed. */
export async function notify(message: string, description?: string): Promise<void> {
  const { toast } = await import('sonner');
  toast.success(message, description === undefined ? {} : { description });
}

/** An error that has no place of its own. Where there is a form or a dialog, the error belongs into it. */
export async function notifyError(error: unknown, copyLabel: string): Promise<void> {
  const { toast } = await import('sonner');
  const message = error instanceof Error ? error.message : String(error);
  const requestId = error instanceof ApiError ? error.requestId : undefined;
  toast.error(message, {
    duration: 10_000,
    ...(requestId !== undefined && {
      description: requestId,
      action: { label: copyLabel, onClick: () => void copyText(requestId) },
    }),
  });
}
