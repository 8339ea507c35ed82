'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CreatedToken } from '@maas/contracts/tokens';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { CreateTokenForm } from './create-token-form';
import { TokenSecret } from './token-secret';

/**
 * Creates a token, then shows its secret, once. The secret is in this component's state and nowhere else: it goes when the
 * dialog does. Until then nothing asks for the list again, which could take the dialog with it.
 */
export default function CreateTokenDialog(props: { open: boolean; onClosed: () => void }) {
  const t = useTranslations('tokens');
  const form = useId();
  const [leaving, setLeaving] = useState(false);
  const [pending, setPending] = useState(false);
  const [created, setCreated] = useState<CreatedToken>();
  const close = () => (setLeaving(true), setCreated(undefined));
  return (
    <Dialog
      // A secret that is shown stays until it is said to be saved, also when the browser goes back.
      open={(props.open || created !== undefined) && !leaving}
      onOpenChange={(stays) => !stays && close()}
      onClosed={() => (setLeaving(false), props.onClosed())}
      locked={created !== undefined || pending}
      title={t(created ? 'secretDialog.title' : 'createDialog.title')}
      description={created && t('secretDialog.warning')}
      footer={
        created ? (
          <Button variant="primary" onClick={close}>
            {t('secretDialog.saved')}
          </Button>
        ) : (
          <>
            <Button onClick={close} disabled={pending}>
              {t('createDialog.cancel')}
            </Button>
            <Button type="submit" form={form} variant="primary" pending={pending}>
              {t('createDialog.submit')}
            </Button>
          </>
        )
      }
    >
      {created ? (
        <TokenSecret created={created} />
      ) : (
        <CreateTokenForm id={form} onPending={setPending} onCreated={setCreated} />
      )}
    </Dialog>
  );
}
