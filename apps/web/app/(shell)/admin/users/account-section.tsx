'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { UpdateUser, User } from '@maas/contracts/auth';
import { Button } from '@/components/button';
import { ChipsInput } from '@/components/chips-input';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { Select } from '@/components/select';
import { api } from '@/lib/api';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { notify } from '@/lib/notify';
import { useSubmit } from '@/lib/submit';
import { useSession } from '@/lib/session';
import { SheetSection } from '../sheet-section';
import { roles } from './user-parameters';

const SuspendDialog = lazyOverlay(() => import('./suspend-dialog'));
const SignOutDialog = lazyOverlay(() => import('./sign-out-dialog'));
const DeleteUserDialog = lazyOverlay(() => import('./delete-user-dialog'));

interface AccountSectionProps {
  user: User;
  onUser: (user: User) => void;
  onGone: () => void;
}

/** Lets somebody in or keeps them out; for local accounts also what they may do. */
export function AccountSection({ user, onUser, onGone }: AccountSectionProps) {
  const t = useTranslations('adminUsers.account');
  const self = useSession().id === user.id;
  const [open, setOpen] = useState<'suspend' | 'signOut' | 'delete' | null>(null);
  const toggle = (name: NonNullable<typeof open>) => ({
    open: open === name,
    onOpenChange: (stays: boolean) => setOpen(stays ? name : null),
  });
  return (
    <SheetSection title={t('title')} description={t(user.provider === 'local' ? 'local' : 'foreign')}>
      {user.provider === 'local' && <LocalAccount key={`${user.id} ${user.role}`} user={user} onUser={onUser} />}
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => setOpen('suspend')} disabled={self}>
          {t(user.suspendedAt === null ? 'suspend' : 'resume')}
        </Button>
        <Button onClick={() => setOpen('signOut')}>{t('signOut')}</Button>
        <Button variant="ghost" onClick={() => setOpen('delete')} disabled={self}>
          {t('delete')}
        </Button>
      </div>
      {self && <p className="mt-2 text-xs text-muted">{t('self')}</p>}
      <SuspendDialog {...toggle('suspend')} user={user} onUser={onUser} />
      <SignOutDialog {...toggle('signOut')} user={user} />
      <DeleteUserDialog {...toggle('delete')} user={user} onDeleted={onGone} />
    </SheetSection>
  );
}

/** Role and groups, which other accounts have from their identity provider. */
function LocalAccount({ user, onUser }: { user: User; onUser: (user: User) => void }) {
  const t = useTranslations('adminUsers.account');
  const names = useTranslations('adminUsers.role');
  const [role, setRole] = useState(user.role);
  const [groups, setGroups] = useState<string[]>(user.groups);
  const { pending, error, submit } = useSubmit();
  const wish: UpdateUser = {
    ...(role !== user.role && { role }),
    ...(groups.join('\n') !== user.groups.join('\n') && { groups }),
  };
  const changed = Object.keys(wish).length > 0;
  const save = () =>
    submit(async () => {
      onUser(await api.patch<User>(`/admin/users/${user.id}`, { body: wish }));
      void notify(t('saved', { name: user.username }));
    });
  return (
    <form onSubmit={(event) => (event.preventDefault(), changed && void save())} className="mb-4 flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t('role')}>
          <Select value={role} onChange={setRole} choices={roles.map((value) => ({ value, label: names(value) }))} />
        </Field>
        <Field label={t('groups')}>
          <ChipsInput mono values={groups} onChange={setGroups} />
        </Field>
      </div>
      {error !== undefined && <InlineError error={error} />}
      <div className="flex justify-end">
        <Button type="submit" pending={pending} disabled={!changed}>
          {t('save')}
        </Button>
      </div>
    </form>
  );
}
