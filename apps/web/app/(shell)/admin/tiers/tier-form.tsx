'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import type { PreviewTiers } from '@maas/contracts/tier-insight';
import { CreateTier, type Tier, type UpdateTier } from '@maas/contracts/tiers';
import { Banner } from '@/components/banner';
import { api } from '@/lib/api';
import { formError } from '@/lib/form-error';
import { notify } from '@/lib/notify';
import { ConflictError } from '../conflict-error';
import { ConfirmChangesDialog } from './confirm-changes-dialog';
import ImpactDialog from './impact-dialog';
import { TierFields } from './tier-fields';
import { changesOf, type TierValues, valuesOf } from './tier-values';

interface TierFormProps {
  id: string;
  tier: Tier | null;
  onPending: (pending: boolean) => void;
  onSaved: () => void;
}

/** The fields of a tier. What a new one, or a change, does to people is shown, and then it is made. */
export function TierForm({ id, tier, onPending, onSaved }: TierFormProps) {
  const t = useTranslations('adminTiers.form');
  const [read, setRead] = useState(tier);
  const [failure, setFailure] = useState<unknown>();
  const [changes, setChanges] = useState<UpdateTier | null>(null);
  const [thought, setThought] = useState<PreviewTiers | null>(null);
  const form = useForm<TierValues>({
    resolver: zodResolver(CreateTier) as never,
    defaultValues: valuesOf(tier),
  });
  const { isSubmitting } = form.formState;
  useEffect(() => onPending(isSubmitting), [isSubmitting, onPending]);
  const onSubmit = form.handleSubmit(async (values) => {
    setFailure(undefined);
    if (read) {
      const changed = changesOf(values, read);
      if (Object.keys(changed).length === 0) return onSaved();
      return setChanges({ ...changed, version: read.version });
    }
    setThought({ create: CreateTier.parse(values) });
  });
  const create = async () => {
    try {
      await api.post<Tier>('/admin/tiers', { body: thought?.create });
    } catch (error) {
      setThought(null);
      return setFailure(formError(form, error));
    }
    void notify(t('created', { name: thought?.create?.displayName ?? '' }));
    onSaved();
  };
  const reload = async () => {
    const fresh = await api.get<Tier>(`/admin/tiers/${read?.name ?? ''}`);
    form.reset(valuesOf(fresh), { keepDirtyValues: true });
    setRead(fresh);
    setFailure(undefined);
  };
  return (
    <>
      <form id={id} noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-5">
        {failure !== undefined && <ConflictError error={failure} onReload={reload} />}
        {read && read.configMap !== null && (
          <Banner kind="info">{t('configMap', { configMap: read.configMap })}</Banner>
        )}
        <TierFields form={form} isNew={read === null} isOurs={(read?.configMap ?? null) === null} />
      </form>
      {!read && (
        <ImpactDialog
          open={thought !== null}
          thought={thought}
          title={t('createNamed', { name: thought?.create?.displayName ?? '' })}
          action={t('create')}
          onConfirm={create}
          onClose={() => setThought(null)}
        />
      )}
      {read && (
        <ConfirmChangesDialog
          tier={read}
          changes={changes}
          onClose={() => setChanges(null)}
          onSaved={onSaved}
          onFailed={(error) => (setChanges(null), setFailure(formError(form, error)))}
        />
      )}
    </>
  );
}
