'use client';

import { Layers } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useSession } from '@/lib/session';
import { Card } from './card';
import { CopyButton } from './copy-button';
import { EmptyState } from './empty-state';

/** Signed in, and nothing to use yet: what an administrator needs to know to change that. */
export function NoTier() {
  const t = useTranslations('home');
  const { groups } = useSession();
  return (
    <Card>
      <EmptyState icon={<Layers />} title={t('noTierTitle')}>
        <p>{t('noTier')}</p>
        <div className="mt-6 rounded-md border border-line bg-sunken px-3 py-2.5 text-start">
          <div className="flex items-center justify-between">
            <h2 className="text-xs text-muted">{t('groupsSeen')}</h2>
            {groups.length > 0 && <CopyButton value={groups.join('\n')} label={t('copyGroups')} />}
          </div>
          {groups.length === 0 ? (
            <p>{t('noGroups')}</p>
          ) : (
            <ul className="max-h-48 overflow-y-auto">
              {groups.map((group) => (
                <li key={group} className="py-0.5 font-mono text-xs wrap-anywhere text-ink">
                  {group}
                </li>
              ))}
            </ul>
          )}
        </div>
      </EmptyState>
    </Card>
  );
}
