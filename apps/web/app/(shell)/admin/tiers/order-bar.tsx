'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { PreviewTiers, TierOrder as SavedOrder } from '@maas/contracts/tier-insight';
import { Banner } from '@/components/banner';
import { Button } from '@/components/button';
import { InlineError } from '@/components/inline-error';
import { api } from '@/lib/api';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { notify } from '@/lib/notify';
import { useSubmit } from '@/lib/submit';
import { tiersQuery } from '@/lib/tiers';
import type { TierOrder } from './tier-order';

const ImpactDialog = lazyOverlay(() => import('./impact-dialog'));

/** Says that the order is another one than holds, and saves it. */
export function OrderBar({ order, onSaved }: { order: TierOrder; onSaved: () => void }) {
  const t = useTranslations('adminTiers.order');
  const { pending, error, submit, reset } = useSubmit();
  const queryClient = useQueryClient();
  const [thought, setThought] = useState<PreviewTiers | null>(null);
  if (!order.changed) return null;
  const save = async () => {
    const tiers = order.tiers?.map(({ name, version }) => ({ name, version }));
    const saved = await submit(async () => {
      const { data } = await api.put<SavedOrder>('/admin/tiers/order', { body: { tiers } });
      queryClient.setQueryData(tiersQuery.queryKey, data);
    });
    setThought(null);
    // After a refusal too: somebody else changed the tiers, and the order that is being made is kept on top of theirs.
    onSaved();
    if (!saved) return;
    leave();
    void notify(t('saved'));
  };
  const leave = () => {
    order.discard();
    reset();
    // The buttons are gone, and with them the focus that they had.
    document.getElementById('content')?.focus();
  };
  return (
    <div className="mb-3 flex flex-col gap-2">
      <Banner
        kind="info"
        action={
          <span className="flex gap-2">
            <Button size="sm" disabled={pending} onClick={leave}>
              {t('discard')}
            </Button>
            <Button
              size="sm"
              variant="primary"
              pending={pending}
              onClick={() => setThought({ order: order.tiers?.map(({ name }) => name) })}
            >
              {t('save')}
            </Button>
          </span>
        }
      >
        {t('changed')}
      </Banner>
      {error !== undefined && <InlineError error={error} />}
      <ImpactDialog
        open={thought !== null}
        thought={thought}
        title={t('title')}
        action={t('save')}
        onConfirm={save}
        onClose={() => setThought(null)}
      />
    </div>
  );
}
