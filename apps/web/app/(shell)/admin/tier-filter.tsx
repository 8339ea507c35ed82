'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Select } from '@/components/select';
import { tiersQuery } from '@/lib/tiers';

interface TierFilterProps {
  /** The name of a tier; null: any. */
  value: string | null;
  onChange: (tier: string | null) => void;
  /** A choice for whoever has none, which is the empty text. */
  none?: string;
}

const ANY = '*';

/** Narrows a list down to a tier. */
export function TierFilter({ value, onChange, none }: TierFilterProps) {
  const t = useTranslations('admin');
  const { data } = useQuery(tiersQuery);
  const tiers = (data ?? []).map((tier) => ({ value: tier.name, label: tier.displayName }));
  // A tier out of a link, that is not known yet or no more.
  const unknown = value !== null && value !== '' && !tiers.some((tier) => tier.value === value);
  return (
    <Select
      label={t('tier')}
      value={value ?? ANY}
      onChange={(chosen) => onChange(chosen === ANY ? null : chosen)}
      choices={[
        { value: ANY, label: t('anyTier') },
        ...tiers,
        ...(unknown ? [{ value, label: value }] : []),
        ...(none === undefined ? [] : [{ value: '', label: none }]),
      ]}
      className="max-sm:flex-1 sm:w-40"
    />
  );
}
