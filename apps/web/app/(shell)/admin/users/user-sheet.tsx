'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { ErrorState } from '@/components/error-state';
import { Sheet } from '@/components/sheet';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { AccountSection } from './account-section';
import { OverrideSection } from './override-section';
import { UserFacts } from './user-facts';
import { UserTokens } from './user-tokens';

interface UserSheetProps {
  open: boolean;
  id: string | null;
  /** The user as the list has them, until they are read. */
  known: User | undefined;
  onClose: () => void;
  onChanged: () => void;
}

/** All that is known of a user, and all that can be done about them. */
export default function UserSheet({ open, id, known, onClose, onChanged }: UserSheetProps) {
  const t = useTranslations('adminUsers');
  const provider = useTranslations('provider');
  const queryClient = useQueryClient();
  // Not into the first control, which is far down and would change what was only to be looked at.
  const content = useRef<HTMLDivElement>(null);
  // While the sheet slides out, it still shows who it was about.
  const [shown, setShown] = useState(id);
  if (id !== null && id !== shown) setShown(id);
  const key = ['/admin/users', 'one', shown];
  const { data, error, refetch } = useQuery<User>({
    queryKey: key,
    queryFn: ({ signal }) => api.get<User>(`/admin/users/${encodeURIComponent(shown ?? '')}`, { signal }),
    enabled: open && shown !== null,
    placeholderData: () => known,
  });
  const user = data?.id === shown ? data : undefined;
  const onUser = (changed: User) => {
    queryClient.setQueryData(key, changed);
    onChanged();
  };
  return (
    <Sheet
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={user?.username ?? t('user')}
      description={user && provider(user.provider)}
      initialFocus={content}
    >
      <div ref={content} tabIndex={-1} className="outline-none" />
      {user ? (
        <div className="flex flex-col gap-6">
          <UserFacts user={user} />
          <OverrideSection key={`override ${user.id} ${user.tierOverride}`} user={user} onUser={onUser} />
          <AccountSection user={user} onUser={onUser} onGone={() => (onClose(), onChanged())} />
          <UserTokens user={user} />
        </div>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-32" />
          <Skeleton className="h-24" />
          <Skeleton className="h-24" />
        </div>
      )}
    </Sheet>
  );
}
