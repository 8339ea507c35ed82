'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Layers, Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Tier } from '@maas/contracts/tiers';
import { Button } from '@/components/button';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { tiersQuery } from '@/lib/tiers';
import { OrderBar } from './order-bar';
import { TierTester } from './tier-tester';
import { useTierColumns } from './tier-columns';
import { useTierOrder } from './tier-order';
import { useTierParameters } from './tier-parameters';

const TierSheet = lazyOverlay(() => import('./tier-sheet'));
const DeleteTierDialog = lazyOverlay(() => import('./delete-tier-dialog'));

/** The tiers in their order: who may use how much, and who gets which. */
export function TiersView() {
  const t = useTranslations('adminTiers');
  const query = useQuery(tiersQuery);
  const [{ tier: name, create }, setParameters] = useTierParameters();
  const [deleting, setDeleting] = useState<Tier | null>(null);
  const queryClient = useQueryClient();
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['/admin/tiers'] });
  const order = useTierOrder(query.data);
  const open = (tier: Tier) => void setParameters({ tier: tier.name }, { history: 'push' });
  const openCreate = () => void setParameters({ create: true }, { history: 'push' });
  const createButton = (
    <Button variant="primary" onClick={openCreate}>
      <Plus aria-hidden />
      {t('create')}
    </Button>
  );
  const tier = query.data?.find((one) => one.name === name);
  return (
    <Page>
      <PageHeader title={t('title')} description={t('lead')} actions={createButton} />
      <OrderBar order={order} onSaved={refresh} />
      <DataTable
        label={t('title')}
        columns={useTierColumns({ order, onOpen: open, onDelete: setDeleting })}
        list={{
          rows: order.tiers,
          error: query.error,
          retry: () => void query.refetch(),
        }}
        rowKey={(row) => row.name}
        selected={name ?? undefined}
        empty={
          <EmptyState icon={<Layers />} title={t('emptyTitle')} action={createButton}>
            {t('empty')}
          </EmptyState>
        }
      />
      <TierTester />
      <TierSheet
        open={create || tier !== undefined}
        tier={tier ?? null}
        onClose={() => void setParameters({ tier: null, create: null })}
        onSaved={refresh}
        onDelete={setDeleting}
      />
      <DeleteTierDialog
        open={deleting !== null}
        tier={deleting}
        onClose={() => setDeleting(null)}
        onDeleted={() => (void setParameters({ tier: null }), refresh())}
      />
    </Page>
  );
}
