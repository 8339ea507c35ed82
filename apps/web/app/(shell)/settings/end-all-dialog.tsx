'use client';

import { useTranslations } from 'use-intl';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { api } from '@/lib/api';

/** Asks before all browsers are signed out, this one too. */
export default function EndAllDialog(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations('settings');
  const endAll = async () => {
    await api.delete('/sessions');
    location.assign('/sign-in');
  };
  return (
    <ConfirmDialog {...props} title={t('endAllTitle')} action={t('endAll')} onConfirm={endAll}>
      <p>{t('endAllHint')}</p>
    </ConfirmDialog>
  );
}
