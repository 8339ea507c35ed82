'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Model } from '@maas/contracts/models';
import { controlClass } from '@/components/control-class';
import { api } from '@/lib/api';
import { classNames } from '@/lib/class-names';
import type { Page } from '@/lib/cursor-list';

const CHOICES = 20;
const Combobox = dynamic(() => import('@/components/combobox').then((module) => module.Combobox<string>), {
  ssr: false,
  loading: () => <span className={classNames(controlClass, 'block sm:w-52!')} />,
});

interface ModelFilterProps {
  /** The id of a model; null: any. */
  value: string | null;
  onChange: (model: string | null) => void;
}

/** Narrows a list down to a model, found by a part of its id or name. */
export function ModelFilter({ value, onChange }: ModelFilterProps) {
  const t = useTranslations('admin');
  const [search, setSearch] = useState('');
  const { data } = useQuery({
    queryKey: ['/admin/models', 'choices', search],
    queryFn: ({ signal }) => api.get<Page<Model>>('/admin/models', { query: { search, limit: CHOICES }, signal }),
    staleTime: 60_000,
  });
  const models = data?.data.map(({ id }) => ({ value: id, label: id })) ?? [];
  // One that was deleted has its usage still.
  if (value !== null && !models.some((choice) => choice.value === value)) models.unshift({ value, label: value });
  return (
    <Combobox
      label={t('model')}
      placeholder={t('anyModel')}
      choices={models}
      value={value}
      onChange={onChange}
      onSearch={setSearch}
      className="max-sm:w-full sm:w-52"
    />
  );
}
