'use client';

import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { InlineError } from '@/components/inline-error';
import { ApiError } from '@/lib/api-error';
import { useSubmit } from '@/lib/submit';

interface ConflictErrorProps {
  error: unknown;
  /** Reads again what somebody else changed, and puts what was entered here on top of it. */
  onReload: () => Promise<void>;
}

/** Why a form was not saved; where somebody else was quicker, the way to have their changes and one's own. */
export function ConflictError({ error, onReload }: ConflictErrorProps) {
  const t = useTranslations('admin');
  const reload = useSubmit();
  const conflict = error instanceof ApiError && error.status === 409 && error.field === 'version';
  return (
    <div className="flex flex-col items-start gap-2">
      <InlineError error={error} />
      {conflict && (
        <Button size="sm" pending={reload.pending} onClick={() => void reload.submit(onReload)}>
          {t('reload')}
        </Button>
      )}
      {reload.error !== undefined && <InlineError error={reload.error} />}
    </div>
  );
}
