'use client';

import { CircleAlert } from 'lucide-react';
import { ApiError } from '@/lib/api-error';
import { messageOf } from '@/lib/message-of';
import { RequestId } from './request-id';

/** An error of an action, in the form or dialog where it was done. Announced when it appears. */
export function InlineError({ error }: { error: unknown }) {
  return (
    <div role="alert" className="flex gap-2.5 rounded-md bg-danger-soft px-3 py-2.5 text-sm text-danger">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0">
        <p className="wrap-anywhere">{messageOf(error)}</p>
        {!isOwnMistake(error) && <RequestId error={error} />}
      </div>
    </div>
  );
}

/** What was wrong with what was entered is in the message; nobody needs to look into a log for it. */
function isOwnMistake(error: unknown): boolean {
  return error instanceof ApiError && [400, 401, 409].includes(error.status);
}
