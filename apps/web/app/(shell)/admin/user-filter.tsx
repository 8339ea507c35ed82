'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { controlClass } from '@/components/control-class';
import type { Choice } from '@/components/select';
import { api } from '@/lib/api';
import { classNames } from '@/lib/class-names';
import type { Page } from '@/lib/cursor-list';
import { withoutPrevious } from '@/lib/query-client';

const CHOICES = 20;
/** Its code is large and a filter is seldom the first thing that is used. */
const Combobox = dynamic(() => import('@/components/combobox').then((module) => module.Combobox<string>), {
  ssr: false,
  loading: () => <span className={classNames(controlClass, 'block sm:w-52!')} />,
});

interface UserFilterProps {
  /** The id of a user; null: any. */
  value: string | null;
  onChange: (user: string | null) => void;
}

/** Narrows a list down to a user, found by a part of their name. */
export function UserFilter({ value, onChange }: UserFilterProps) {
  const t = useTranslations('admin');
  const [search, setSearch] = useState('');
  const found = useQuery({
    queryKey: ['/admin/users', 'choices', search],
    queryFn: ({ signal }) => api.get<Page<User>>('/admin/users', { query: { search, limit: CHOICES }, signal }),
    staleTime: 60_000,
  });
  const chosen = useQuery({
    queryKey: ['/admin/users', 'one', value],
    queryFn: ({ signal }) => api.get<User>(`/admin/users/${encodeURIComponent(value ?? '')}`, { signal }),
    enabled: value !== null,
    ...withoutPrevious,
    staleTime: 60_000,
    retry: false,
  });
  const isListed = found.data?.data.some(({ id }) => id === value) ?? false;
  const users = found.data?.data.map(choiceOf) ?? [];
  if (value !== null && !isListed) {
    users.unshift(chosen.data ? choiceOf(chosen.data) : { value, label: value.slice(0, 8) });
  }
  return (
    <Combobox
      // The name of one who comes out of a link is known later, and the input takes it at its beginning alone.
      key={value === null || isListed || chosen.data ? 'named' : 'unnamed'}
      label={t('user')}
      placeholder={t('anyUser')}
      choices={users}
      value={value}
      onChange={onChange}
      onSearch={setSearch}
      className="max-sm:w-full sm:w-52"
    />
  );
}

function choiceOf({ id, username, email }: User): Choice<string> {
  return { value: id, label: username, ...(email !== null && { hint: email }) };
}
