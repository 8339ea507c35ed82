'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { UpdateUser, User } from '@maas/contracts/auth';
import { AbsoluteTime } from '@/components/absolute-time';
import { Button } from '@/components/button';
import { DateTimeInput } from '@/components/date-time-input';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { Select } from '@/components/select';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';
import { useNow } from '@/lib/now';
import { useSubmit } from '@/lib/submit';
import { tiersQuery } from '@/lib/tiers';
import { SheetSection } from '../sheet-section';

/** Gives somebody a tier whatever their groups say, for a while or until it is taken back. */
export function OverrideSection({ user, onUser }: { user: User; onUser: (user: User) => void }) {
  const t = useTranslations('adminUsers.override');
  const { data: tiers } = useQuery(tiersQuery);
  const [tier, setTier] = useState(user.tierOverride ?? '');
  const [expiresAt, setExpiresAt] = useState(user.tierOverrideExpiresAt);
  const { pending, error, submit } = useSubmit();
  const now = useNow();
  const past = expiresAt !== null && Date.parse(expiresAt) <= now;
  const changed = tier !== (user.tierOverride ?? '') || (tier !== '' && expiresAt !== user.tierOverrideExpiresAt);
  const save = () =>
    submit(async () => {
      const body: UpdateUser = { tierOverride: tier || null, tierOverrideExpiresAt: tier === '' ? null : expiresAt };
      onUser(await api.patch<User>(`/admin/users/${user.id}`, { body }));
      void notify(t('saved', { name: user.username }));
    });
  const known = tiers?.map(({ name, displayName }) => ({ value: name, label: displayName })) ?? [];
  if (tier !== '' && !known.some(({ value }) => value === tier)) known.push({ value: tier, label: tier });
  return (
    <SheetSection
      title={t('title')}
      description={
        user.tierOverride === null ? (
          t('lead')
        ) : (
          <Standing tier={user.tierOverride} until={user.tierOverrideExpiresAt} />
        )
      }
    >
      <form
        onSubmit={(event) => (event.preventDefault(), changed && !past && void save())}
        className="flex flex-col gap-3"
      >
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t('tier')}>
            <Select value={tier} onChange={setTier} choices={[{ value: '', label: t('byGroups') }, ...known]} />
          </Field>
          {tier !== '' && (
            <Field label={t('until')} aside={t('optional')} hint={t('untilHint')} error={past ? t('past') : undefined}>
              <DateTimeInput value={expiresAt} onChange={setExpiresAt} />
            </Field>
          )}
        </div>
        {error !== undefined && <InlineError error={error} />}
        <div className="flex justify-end">
          <Button type="submit" pending={pending} disabled={!changed || past}>
            {t(tier === '' && user.tierOverride !== null ? 'end' : 'save')}
          </Button>
        </div>
      </form>
    </SheetSection>
  );
}

function Standing({ tier, until }: { tier: string; until: string | null }) {
  const t = useTranslations('adminUsers.override');
  const now = useNow();
  if (until === null) return t('forever', { tier });
  const key = Date.parse(until) <= now ? 'over' : 'standing';
  return <>{t.rich(key, { tier, time: () => <AbsoluteTime at={until} /> })}</>;
}
