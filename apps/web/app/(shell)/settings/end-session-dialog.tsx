'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Session } from '@maas/contracts/sessions';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';
import { useDeviceName } from './use-device-name';

interface EndSessionDialogProps {
  open: boolean;
  session: Session | null;
  onClose: () => void;
  onEnded: () => void;
}

/** Asks before another browser is signed out. */
export default function EndSessionDialog({ open, session, onClose, onEnded }: EndSessionDialogProps) {
  const t = useTranslations('settings');
  const deviceName = useDeviceName();
  // While the dialog fades out, it still says what it was about.
  const [shown, setShown] = useState(session);
  if (session !== null && session !== shown) setShown(session);
  if (shown === null) return null;
  const name = deviceName(shown.userAgent);
  const end = async () => {
    await api.delete(`/sessions/${shown.id}`);
    onEnded();
    void notify(t('ended', { name }));
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={t('endTitle', { name })}
      action={t('end')}
      onConfirm={end}
    >
      <p>{t('endHint')}</p>
    </ConfirmDialog>
  );
}
