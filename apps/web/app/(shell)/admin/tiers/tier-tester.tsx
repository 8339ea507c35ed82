'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ExplainTier, TierExplanation } from '@maas/contracts/tier-insight';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { ChipsInput } from '@/components/chips-input';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { Input } from '@/components/input';
import { Select } from '@/components/select';
import { api } from '@/lib/api';
import { useSubmit } from '@/lib/submit';
import { TierExplanationView } from './tier-explanation';

const ways = ['username', 'groups'] as const;
type Way = (typeof ways)[number];

/** Says which tier somebody gets, and why: a user who is known, or whoever is in these groups. */
export function TierTester() {
  const t = useTranslations('adminTiers.tester');
  const [way, setWay] = useState<Way>('username');
  const [username, setUsername] = useState('');
  const [groups, setGroups] = useState<string[]>([]);
  const [explanation, setExplanation] = useState<TierExplanation>();
  const { pending, error, submit } = useSubmit();
  const explain = () =>
    submit(async () => {
      setExplanation(undefined);
      const body: ExplainTier = way === 'username' ? { username: username.trim() } : { groups };
      setExplanation(await api.post<TierExplanation>('/admin/tiers/explain', { body }));
    });
  const ready = way === 'groups' || username.trim() !== '';
  return (
    <Card title={t('title')} description={t('lead')} className="mt-6">
      <form
        onSubmit={(event) => (event.preventDefault(), ready && void explain())}
        className="flex flex-wrap items-end gap-3"
      >
        <Field label={t('by')} className="w-40 max-sm:w-full">
          <Select value={way} onChange={setWay} choices={ways.map((value) => ({ value, label: t(value) }))} />
        </Field>
        <Field label={t(way)} className="min-w-48 flex-1">
          {way === 'username' ? (
            <Input
              value={username}
              onChange={({ target }) => setUsername(target.value)}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          ) : (
            <ChipsInput mono values={groups} onChange={setGroups} placeholder="system:authenticated" />
          )}
        </Field>
        <Button type="submit" pending={pending} disabled={!ready} className="max-sm:w-full">
          {t('explain')}
        </Button>
      </form>
      <div aria-live="polite" className="empty:hidden">
        {error !== undefined && (
          <div className="mt-4">
            <InlineError error={error} />
          </div>
        )}
        {explanation && <TierExplanationView explanation={explanation} />}
      </div>
    </Card>
  );
}
