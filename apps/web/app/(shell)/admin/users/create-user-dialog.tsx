'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { CreateUserForm, type NewUser } from './create-user-form';
import { NewPassword } from './new-password';

/** Creates a local account, then shows its password, once. It is in this component's state alone and goes with the dialog. */
export default function CreateUserDialog(props: { open: boolean; onClosed: () => void }) {
  const t = useTranslations('adminUsers.createDialog');
  const form = useId();
  const [leaving, setLeaving] = useState(false);
  const [pending, setPending] = useState(false);
  const [created, setCreated] = useState<NewUser>();
  const close = () => setLeaving(true);
  return (
    <Dialog
      // A password that is shown stays until it is said to be saved, also when the browser goes back.
      open={(props.open || created !== undefined) && !leaving}
      onOpenChange={(stays) => !stays && close()}
      onClosed={() => (setLeaving(false), setCreated(undefined), props.onClosed())}
      locked={created !== undefined || pending}
      title={created ? t('doneTitle', { name: created.username }) : t('title')}
      description={t(created ? 'doneLead' : 'lead')}
      footer={
        created ? (
          <Button variant="primary" onClick={close}>
            {t('saved')}
          </Button>
        ) : (
          <>
            <Button onClick={close} disabled={pending}>
              {t('cancel')}
            </Button>
            <Button type="submit" form={form} variant="primary" pending={pending}>
              {t('submit')}
            </Button>
          </>
        )
      }
    >
      {created ? (
        <NewPassword user={created} />
      ) : (
        <CreateUserForm id={form} onPending={setPending} onCreated={setCreated} />
      )}
    </Dialog>
  );
}
