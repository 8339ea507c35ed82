'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { ChoiceFilter } from '@/components/choice-filter';
import { tiersQuery } from '@/lib/tiers';

interface TierFilterProps {
  /** The name of a tier; null: any. */
  value: string | null;
  onChange: (tier: string | null) => void;
  /** A choice for whoever has none, which is the empty text. */
  none?: string;
}

/** Narrows a list down to a tier. */
export function TierFilter({ value, onChange, none }: TierFilterProps) {
  const t = useTranslations('admin');
  const { data } = useQuery(tiersQuery);
  const tiers = (data ?? []).map((tier) => ({ value: tier.name, label: tier.displayName }));
  return (
    <ChoiceFilter
      label={t('tier')}
      any={t('anyTier')}
      value={value}
      onChange={onChange}
      choices={none === undefined ? tiers : [...tiers, { value: '', label: none }]}
      className="max-sm:flex-1 sm:w-40"
    />
  );
}
