'use client';

import { useTranslations } from 'use-intl';
import { CopyButton } from '@/components/copy-button';
import { FactList } from '@/components/fact-list';
import type { NewUser } from './create-user-form';

/** What to hand over to somebody whose account was just made. */
export function NewPassword({ user }: { user: NewUser }) {
  const t = useTranslations('adminUsers.createDialog');
  return (
    <div className="flex flex-col gap-4">
      <FactList
        facts={[
          { label: t('username'), value: <code className="font-mono">{user.username}</code> },
          { label: t('password'), value: <code className="font-mono">{user.password}</code> },
        ]}
      />
      <div>
        <CopyButton wide value={user.password} label={t('copy')} />
      </div>
    </div>
  );
}
